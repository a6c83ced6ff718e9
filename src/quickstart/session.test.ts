import { describe, expect, it } from "vitest";
import { NodeCounters } from "./counters.ts";
import type { Delivery } from "./delivery-queue.ts";
import { type Limits, resolveLimits } from "./limits.ts";
import { Message, NOTHING, type Qos } from "./message.ts";
import { Session, type SessionLink } from "./session.ts";

/** A connection that notes what it is given. */
class Recorder implements SessionLink {
  congested = false;
  receiveMax = 65_535;
  sizeMax = Infinity;
  readonly sent: string[] = [];

  sendPublish({ message, qos }: Delivery, packetId: number, dup: boolean): boolean {
    if (message.payload.length > this.sizeMax) return false;
    this.sent.push(`${message.payload} q${qos} id${packetId}${dup ? " dup" : ""}`);
    return true;
  }

  sendRelease(packetId: number): void {
    this.sent.push(`release ${packetId}`);
  }

  takenOver(): void {}
}

function delivery(text: string, qos: Qos, expiresAtMs = Infinity): Delivery {
  const fields = { topic: "t", payload: Buffer.from(text), passedOn: NOTHING, publisher: "" };
  const message = new Message({ ...fields, qos, retain: false, expiresAtMs });
  return { message, qos, retain: false, subscriptionIds: null };
}

function makeSession(limits: Partial<Limits> = {}) {
  const counters = new NodeCounters();
  const budget = { maxBytes: 1_000_000, usedBytes: 0 };
  const session = new Session("client", counters, resolveLimits(limits), budget);
  return { session, counters, budget };
}

describe("Session", () => {
  it("sends at once while the window is open, then as acknowledgements come", () => {
    const { session } = makeSession({ inflightMax: 2 });
    const link = new Recorder();
    session.attach(link);
    for (const text of ["a", "b", "c", "d"]) session.deliver(delivery(text, 1));
    expect(link.sent).toEqual(["a q1 id1", "b q1 id2"]);
    expect(session.settle(1, 1)).toBe(true);
    session.pump(0);
    expect(link.sent.slice(2)).toEqual(["c q1 id3"]);
    expect([session.inflight, session.queued]).toEqual([2, 1]);
  });

  it("keeps within the client's receive maximum", () => {
    const { session } = makeSession();
    const link = new Recorder();
    link.receiveMax = 1;
    session.attach(link);
    session.deliver(delivery("a", 2));
    session.deliver(delivery("b", 1));
    session.deliver(delivery("zero", 0));
    expect(link.sent).toEqual(["a q2 id1"]);
    expect(session.release(1)).toBe(true);
    session.pump(0);
    expect(link.sent).toHaveLength(1);
    session.settle(1, 2);
    session.pump(0);
    expect(link.sent.slice(1)).toEqual(["b q1 id2", "zero q0 id0"]);
  });

  it("holds QoS 1 and 2 for a slow reader, and drops QoS 0 and counts it", () => {
    const { session, counters } = makeSession();
    const link = new Recorder();
    session.attach(link);
    link.congested = true;
    session.deliver(delivery("zero", 0));
    session.deliver(delivery("one", 1));
    expect(link.sent).toEqual([]);
    expect(counters.messagesDropped).toBe(1);
    link.congested = false;
    session.pump(0);
    expect(link.sent).toEqual(["one q1 id1"]);
  });

  it("queues for a client that is away, up to the limit, without QoS 0", () => {
    const { session, counters } = makeSession({ queueMax: 2 });
    for (const qos of [0, 1, 2, 1] as const) session.deliver(delivery(`m${qos}`, qos));
    expect(session.queued).toBe(2);
    expect(counters.messagesDropped).toBe(2);
    const link = new Recorder();
    session.attach(link);
    session.pump(0);
    expect(link.sent).toEqual(["m1 q1 id1", "m2 q2 id2"]);
  });

  it("drops queued messages whose expiry has passed", () => {
    const { session, counters } = makeSession();
    session.deliver(delivery("old", 1, 1000));
    session.deliver(delivery("fresh", 1, 5000));
    const link = new Recorder();
    session.attach(link);
    session.pump(2000);
    expect(link.sent).toEqual(["fresh q1 id1"]);
    expect(counters.messagesDropped).toBe(1);
  });

  it("sends again what was under way, in order and under its ids, before anything new", () => {
    const { session } = makeSession();
    session.attach(new Recorder());
    for (const qos of [1, 2, 2] as const) session.deliver(delivery(`m${qos}`, qos));
    session.release(2);
    session.link = null;
    session.deliver(delivery("new", 1));
    const link = new Recorder();
    session.attach(link);
    session.pump(0);
    expect(link.sent).toEqual(["m1 q1 id1 dup", "release 2", "m2 q2 id3 dup", "new q1 id4"]);
  });

  it("sends again no faster than a smaller window allows", () => {
    const { session } = makeSession();
    session.attach(new Recorder());
    for (const text of ["a", "b", "c"]) session.deliver(delivery(text, 1));
    const link = new Recorder();
    link.receiveMax = 1;
    session.attach(link);
    session.pump(0);
    expect(link.sent).toEqual(["a q1 id1 dup"]);
    session.settle(1, 1);
    session.pump(0);
    expect(link.sent.slice(1)).toEqual(["b q1 id2 dup"]);
  });

  it("passes over a message that is too large for the client", () => {
    const { session, counters } = makeSession();
    const link = new Recorder();
    link.sizeMax = 3;
    session.attach(link);
    session.deliver(delivery("large", 1));
    session.deliver(delivery("ok", 1));
    expect(link.sent).toEqual(["ok q1 id2"]);
    expect([session.inflight, counters.messagesDropped]).toEqual([1, 1]);
  });

  it("never uses a packet id that is under way", () => {
    const { session } = makeSession({ inflightMax: 3 });
    const link = new Recorder();
    session.attach(link);
    session.deliver(delivery("stays", 1));
    for (let i = 0; i < 70_000; i++) {
      session.deliver(delivery("x", 1));
      const id = Number(link.sent.at(-1)!.split("id")[1]);
      expect(id).toBeGreaterThan(1);
      session.settle(id, 1);
    }
  });

  it("knows acknowledgements that do not fit", () => {
    const { session } = makeSession();
    session.attach(new Recorder());
    session.deliver(delivery("one", 1));
    expect(session.release(1)).toBe(false);
    expect(session.settle(1, 2)).toBe(false);
    expect(session.settle(9, 1)).toBe(false);
    expect(session.settle(1, 1)).toBe(true);
  });

  it("sends all retained messages of a subscription, as fast as the client takes them", () => {
    const { session } = makeSession({ inflightMax: 1, queueMax: 1 });
    const link = new Recorder();
    session.attach(link);
    const retained = ["a", "b", "c"].map((text) => delivery(text, 1));
    session.deliverRetained(retained, 0);
    session.deliver(delivery("live", 0));
    for (const id of [1, 2, 3]) {
      session.settle(id, 1);
      session.pump(0);
    }
    expect(link.sent).toEqual(["a q1 id1", "b q1 id2", "c q1 id3", "live q0 id0"]);
  });

  it("bounds the retained messages that wait", () => {
    const { session, counters } = makeSession({ retainedMax: 2 });
    const link = new Recorder();
    link.congested = true;
    session.attach(link);
    session.deliverRetained(
      ["a", "b", "c"].map((text) => delivery(text, 1)),
      0,
    );
    expect(counters.messagesDropped).toBe(1);
  });

  it("sends no more than so many bytes that are not acknowledged", () => {
    const { session } = makeSession({ queueMaxBytes: 1000 });
    const link = new Recorder();
    session.attach(link);
    for (const text of ["a", "b", "c"]) session.deliver(delivery(text.repeat(600), 1));
    expect(link.sent).toHaveLength(2);
    session.settle(1, 1);
    session.pump(0);
    expect(link.sent).toHaveLength(3);
  });

  it("gives its share of the budget back", () => {
    const { session, budget } = makeSession();
    session.deliver(delivery("waits", 1));
    expect(budget.usedBytes).toBeGreaterThan(0);
    session.clear();
    expect(budget.usedBytes).toBe(0);
  });
});
