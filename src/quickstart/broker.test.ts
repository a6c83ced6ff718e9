import { describe, expect, it } from "vitest";
import { Broker, type SubscribeRequest } from "./broker.ts";
import { NodeCounters } from "./counters.ts";
import type { Delivery } from "./delivery-queue.ts";
import { type Limits, resolveLimits } from "./limits.ts";
import { Message, type MessageFields, NOTHING } from "./message.ts";
import { REASON } from "./reason.ts";
import type { Session, SessionLink, Will } from "./session.ts";

class Link implements SessionLink {
  congested = false;
  receiveMax = 100;
  readonly got: Delivery[] = [];
  onTakenOver: () => void = () => {};

  sendPublish(delivery: Delivery): boolean {
    this.got.push(delivery);
    return true;
  }

  sendRelease(): void {}

  takenOver(): void {
    this.onTakenOver();
  }

  get texts(): string[] {
    return this.got.map(({ message }) => message.payload.toString());
  }
}

class Bench {
  readonly broker: Broker;
  readonly node = new NodeCounters();
  nowMs = 0;

  constructor(limits: Partial<Limits> = {}) {
    this.broker = new Broker({ limits: resolveLimits(limits), refusedFilters: ["refused"] });
  }

  connect(clientId: string, options: { will?: Will; expiryMs?: number; clean?: boolean } = {}) {
    const link = new Link();
    const connected = this.broker.connect(
      {
        clientId,
        cleanStart: options.clean ?? true,
        expiryMs: options.expiryMs ?? 0,
        will: options.will ?? null,
        link,
        node: this.node,
      },
      this.nowMs,
    );
    if (connected === null) throw new Error("Cannot connect: too many sessions");
    const { session, present } = connected;
    link.onTakenOver = () => this.broker.disconnect(session, true, this.nowMs);
    session.pump(this.nowMs);
    return { session, present, link };
  }

  subscribe(session: Session, text: string, options: Partial<SubscribeRequest> = {}) {
    const defaults = { qos: 2, noLocal: false, retainAsPublished: false } as const;
    const request = { text, ...defaults, retainHandling: 0, id: 0, ...options };
    return this.broker.subscribe(session, request, this.nowMs);
  }

  publish(topic: string, text: string, fields: Partial<MessageFields> = {}): void {
    this.broker.publish(makeMessage(topic, text, fields));
  }
}

function makeMessage(topic: string, text: string, fields: Partial<MessageFields> = {}): Message {
  const defaults = { qos: 1, retain: false, passedOn: NOTHING, publisher: "p" } as const;
  return new Message({
    topic,
    payload: Buffer.from(text),
    expiresAtMs: Infinity,
    ...defaults,
    ...fields,
  });
}

function will(delayMs: number, topic = "will"): Will {
  return { message: makeMessage(topic, "gone"), delayMs, expiryS: null };
}

describe("Broker.publish", () => {
  it("sends one copy at the highest QoS with all identifiers when subscriptions overlap", () => {
    const bench = new Bench();
    const { session, link } = bench.connect("a");
    bench.subscribe(session, "x/#", { qos: 2, id: 7 });
    bench.subscribe(session, "x/+", { qos: 1, id: 9 });
    bench.subscribe(session, "x/y", { qos: 0, retainAsPublished: true });
    bench.publish("x/y", "hello", { qos: 2, retain: true });
    expect(link.got).toHaveLength(1);
    expect(link.got[0]).toMatchObject({ qos: 2, retain: true });
    expect([...link.got[0]!.subscriptionIds!].sort()).toEqual([7, 9]);
  });

  it("keeps a message from its publisher where No Local says so", () => {
    const bench = new Bench();
    const { session, link } = bench.connect("a");
    bench.subscribe(session, "x", { noLocal: true });
    bench.publish("x", "own", { publisher: "a" });
    bench.publish("x", "other", { publisher: "b" });
    expect(link.texts).toEqual(["other"]);
  });

  it("sends each message to one member of a shared subscription, and to everyone else", () => {
    const bench = new Bench();
    const [a, b, c] = ["a", "b", "c"].map((id) => bench.connect(id));
    for (const member of [a!, b!]) bench.subscribe(member.session, "$share/g/x/+");
    bench.subscribe(c!.session, "x/#");
    for (let i = 0; i < 4; i++) bench.publish("x/y", `${i}`);
    expect([a!.link.got.length, b!.link.got.length, c!.link.got.length]).toEqual([2, 2, 4]);
    bench.broker.unsubscribe(a!.session, "$share/g/x/+");
    bench.publish("x/y", "4");
    expect(b!.link.texts.at(-1)).toBe("4");
  });

  it("keeps retained messages for later subscriptions, by their retain handling", () => {
    const bench = new Bench();
    const { session } = bench.connect("a");
    bench.publish("x", "kept", { retain: true });
    const count = (retainHandling: number) =>
      bench.subscribe(session, "x", { retainHandling }).retained.length;
    expect([count(2), count(1), count(0), count(0)]).toEqual([0, 0, 1, 1]);
    bench.broker.unsubscribe(session, "x");
    expect([count(1), count(1)]).toEqual([1, 0]);
    expect(bench.subscribe(session, "$share/g/x").retained).toEqual([]);
    expect(bench.broker.counters.retained.count).toBe(1);
  });
});

describe("Broker.subscribe", () => {
  it("refuses what is not allowed, with a reason for each", () => {
    const bench = new Bench({ subscriptionsMax: 1 });
    const { session } = bench.connect("a");
    const codeOf = (text: string) => bench.subscribe(session, text).code;
    expect(codeOf("a/#/b")).toBe(REASON.topicFilterInvalid);
    expect(codeOf("refused")).toBe(REASON.unspecified);
    expect(codeOf("x")).toBe(2);
    expect(codeOf("y")).toBe(REASON.quotaExceeded);
    expect(bench.subscribe(session, "x", { qos: 0 }).code).toBe(0);
    expect(bench.broker.counters.topics.count).toBe(1);
  });

  it("is undone by unsubscribe, once", () => {
    const bench = new Bench();
    const { session, link } = bench.connect("a");
    bench.subscribe(session, "x");
    expect(bench.broker.unsubscribe(session, "x")).toBe(true);
    expect(bench.broker.unsubscribe(session, "x")).toBe(false);
    bench.publish("x", "late");
    expect(link.got).toEqual([]);
    expect(bench.broker.counters.topics.count).toBe(0);
  });
});

describe("Broker.connect", () => {
  it("resumes a session that outlived its connection, and what came meanwhile", () => {
    const bench = new Bench();
    const first = bench.connect("a", { expiryMs: 1000 });
    bench.subscribe(first.session, "x");
    bench.broker.disconnect(first.session, false, bench.nowMs);
    bench.publish("x", "waited");
    const second = bench.connect("a", { expiryMs: 1000, clean: false });
    expect(second.present).toBe(true);
    expect(second.link.texts).toEqual(["waited"]);
  });

  it("starts anew when asked to, or when the session has expired", () => {
    const bench = new Bench();
    const first = bench.connect("a", { expiryMs: 1000 });
    bench.subscribe(first.session, "x");
    bench.broker.disconnect(first.session, false, 0);
    bench.broker.sweep(999);
    expect(bench.broker.sessions.count).toBe(1);
    bench.broker.sweep(1000);
    expect(bench.broker.sessions.count).toBe(0);
    expect(bench.broker.counters.topics.count).toBe(0);
    expect(bench.connect("a", { clean: false, expiryMs: 1000 }).present).toBe(false);
    expect(bench.connect("a").present).toBe(false);
  });

  it("takes a session over from the connection that has it", () => {
    const bench = new Bench();
    const first = bench.connect("a", { expiryMs: 1000 });
    let takenOver = 0;
    const { onTakenOver } = first.link;
    first.link.onTakenOver = () => {
      takenOver++;
      onTakenOver();
    };
    const second = bench.connect("a", { expiryMs: 1000, clean: false });
    expect([takenOver, second.present]).toEqual([1, true]);
    expect(second.session).toBe(first.session);
    expect(second.session.link).toBe(second.link);
  });

  it("refuses one session more than there may be", () => {
    const bench = new Bench({ sessionsMax: 1 });
    bench.connect("a");
    expect(() => bench.connect("b")).toThrow("too many sessions");
    expect(() => bench.connect("a")).not.toThrow();
  });
});

describe("wills", () => {
  function watch(bench: Bench): Link {
    const watcher = bench.connect("watcher");
    bench.subscribe(watcher.session, "will");
    return watcher.link;
  }

  it("are sent when a connection breaks, and not after a goodbye", () => {
    const bench = new Bench();
    const link = watch(bench);
    bench.broker.disconnect(bench.connect("a", { will: will(0) }).session, false, 0);
    expect(link.texts).toEqual([]);
    bench.broker.disconnect(bench.connect("a", { will: will(0) }).session, true, 0);
    expect(link.texts).toEqual(["gone"]);
  });

  it("wait for their delay, but not longer than the session lasts", () => {
    const bench = new Bench();
    const link = watch(bench);
    const a = bench.connect("a", { will: will(3000), expiryMs: 5000 });
    bench.broker.disconnect(a.session, true, 0);
    expect(bench.broker.counters.delayed.count).toBe(1);
    bench.broker.sweep(2999);
    expect(link.texts).toEqual([]);
    bench.broker.sweep(3000);
    expect(link.texts).toEqual(["gone"]);
    expect(bench.broker.counters.delayed.count).toBe(0);
    const b = bench.connect("b", { will: will(5000), expiryMs: 2000 });
    bench.broker.disconnect(b.session, true, 0);
    bench.broker.sweep(2000);
    expect(link.texts).toEqual(["gone", "gone"]);
  });

  it("are not sent when the client is back before the delay has passed", () => {
    const bench = new Bench();
    const link = watch(bench);
    const a = bench.connect("a", { will: will(3000), expiryMs: 5000 });
    bench.broker.disconnect(a.session, true, 0);
    bench.connect("a", { expiryMs: 5000, clean: false });
    bench.broker.sweep(10_000);
    expect(link.texts).toEqual([]);
    expect(bench.broker.counters.delayed.count).toBe(0);
  });

  it("are sent when a clean start ends the session they belong to", () => {
    const bench = new Bench();
    const link = watch(bench);
    const a = bench.connect("a", { will: will(3000), expiryMs: 5000 });
    bench.broker.disconnect(a.session, true, 0);
    bench.connect("a", { clean: true });
    expect(link.texts).toEqual(["gone"]);
  });
});

describe("system topics", () => {
  it("are retained apart from what clients retain and seen only by who asks for them", () => {
    const bench = new Bench();
    const { session, link } = bench.connect("a");
    bench.subscribe(session, "#");
    expect(bench.broker.hasSystemSubscribers).toBe(false);
    bench.broker.publishSystem(makeMessage("$SYS/x", "1", { retain: true }));
    expect(link.got).toEqual([]);
    expect(bench.broker.counters.retained.count).toBe(0);
    expect(bench.subscribe(session, "$SYS/#").retained).toHaveLength(1);
    expect(bench.broker.hasSystemSubscribers).toBe(true);
  });
});

describe("Broker.dropExpiredRetained", () => {
  it("forgets retained messages past their expiry", () => {
    const bench = new Bench();
    bench.publish("x", "short", { retain: true, expiresAtMs: 1000 });
    bench.broker.dropExpiredRetained(999);
    expect(bench.broker.counters.retained.count).toBe(1);
    bench.broker.dropExpiredRetained(1000);
    expect(bench.broker.counters.retained.count).toBe(0);
  });
});

describe("Broker.isTopicAllowed", () => {
  it("applies the rules and limits of topic names", () => {
    const { broker } = new Bench({ topicLevelsMax: 2 });
    expect(["a/b", "a/b/c", "a/+"].map((topic) => broker.isTopicAllowed(topic))).toEqual([
      true,
      false,
      false,
    ]);
  });
});
