// What every implementation of Io promises (src/io/io.ts). A suite runs on the harness of its
// implementation; the peers are real sockets or simulated ones.
import { describe, expect, it } from "vitest";
import { formatEndpoint } from "../../src/bytes/endpoint.ts";
import { endpointText } from "./endpoint-text.ts";
import { itCloses } from "./io-closing.contract.ts";
import { itKeepsDeadlines } from "./io-deadline.contract.ts";
import type { IoHarness, MakeHarness } from "./io-harness.ts";
import { itReceives } from "./io-receiving.contract.ts";
import { itSends } from "./io-sending.contract.ts";
import { type RunWith, text, withHarness } from "./io-steps.ts";

const ECONNREFUSED = 111;

export function ioContract(name: string, makeHarness: MakeHarness): void {
  const runWith: RunWith = (body, options) => () => withHarness(makeHarness, body, options);
  describe(name, () => {
    describe("accepting", () => itAccepts(runWith));
    describe("connecting", () => itConnects(runWith));
    describe("receiving", () => itReceives(runWith));
    describe("sending", () => itSends(runWith));
    describe("closing", () => itCloses(runWith));
    describe("deadlines and waking", () => itKeepsDeadlines(runWith));
  });
}

function itAccepts(runWith: RunWith): void {
  it(
    "announces each client with its listener and its address",
    runWith(async (h) => {
      const { handler, io } = h;
      const [first, second] = [await h.listen(0), await h.listen(1)];
      const a = await first.connect();
      await h.run(() => handler.count("accepted") === 1);
      const b = await second.connect();
      await h.run(() => handler.count("accepted") === 2);
      const [eventA, eventB] = handler.all("accepted");
      expect([eventA!.result, eventB!.result]).toEqual([0, 1]);
      expect(endpointText(io, eventA!.slot)).toBe(first.endpointOf(a));
      expect(endpointText(io, eventB!.slot)).toBe(second.endpointOf(b));
    }),
  );

  it(
    "closes a client unheard when it gets no slot, and hears the next one",
    runWith(async (h) => {
      const { handler } = h;
      const listener = await h.listen(0);
      handler.refusing = true;
      const refused = await listener.connect();
      await h.run(() => refused.ended || refused.failure !== null);
      expect(handler.events.map(({ kind }) => kind)).toEqual(["accept"]);
      expect(formatEndpoint(handler.arrival, 0)).toBe(listener.endpointOf(refused));
      handler.refusing = false;
      await listener.connect();
      await h.run(() => handler.count("accepted") === 1);
    }),
  );

  it(
    "leaves clients waiting while paused, without losing them",
    runWith(async (h) => {
      const { handler, io } = h;
      const listener = await h.listen(0);
      io.pauseAccepting(0);
      io.pauseAccepting(0);
      const client = await listener.connect();
      client.write(text("early"));
      await h.settle();
      expect(handler.events).toEqual([]);
      io.resumeAccepting(0);
      io.resumeAccepting(0);
      await h.run(() => handler.count("receive") > 0);
      const { slot } = handler.all("accepted")[0]!;
      expect(handler.received(slot)).toEqual(text("early"));
    }),
  );

  it(
    "stops at once when paused from inside a callback",
    runWith(async (h) => {
      const { handler, io } = h;
      const listener = await h.listen(0);
      for (let i = 0; i < 5; i++) await listener.connect();
      handler.react = ({ kind }) => {
        if (kind === "accepted") io.pauseAccepting(0);
      };
      await h.settle();
      expect(handler.count("accepted")).toBe(1);
      handler.react = () => {};
      io.resumeAccepting(0);
      await h.run(() => handler.count("accepted") === 5);
    }),
  );

  it(
    "lets clients in as they came, at a listener that is paused at each of them",
    runWith(async (h) => {
      const { handler, io } = h;
      io.acceptFew(0, true);
      const listener = await h.listen(0);
      const came: string[] = [];
      for (let i = 0; i < 20; i++) came.push(listener.endpointOf(await listener.connect()));
      const accepted: string[] = [];
      handler.react = ({ kind, slot }) => {
        if (kind !== "accepted") return;
        accepted.push(endpointText(io, slot));
        io.pauseAccepting(0);
      };
      for (let count = 1; count <= 20; count++) {
        io.acceptFew(0, count % 7 < 5);
        io.resumeAccepting(0);
        await h.run(() => handler.count("accepted") === count);
        await h.letPeersRun();
      }
      await h.settle();
      expect(accepted).toEqual(came);
    }),
  );

  it(
    "hears nobody after unlisten, and may listen again",
    runWith(async (h) => {
      const { handler, io } = h;
      const listener = await h.listen(0);
      io.unlisten(0);
      await listener.connect();
      await h.settle();
      expect(handler.events).toEqual([]);
      const again = await h.listen(0);
      await again.connect();
      await h.run(() => handler.count("accepted") === 1);
    }),
  );

  it(
    "serves two hundred clients at once, each its own bytes",
    runWith(
      async (h) => {
        const { handler, io } = h;
        const listener = await h.listen(0);
        handler.react = ({ kind, slot }) => {
          if (kind !== "receive") return;
          const all = handler.received(slot);
          if (all.length < 11) return;
          io.bytes.set(all, io.scratchOffset);
          io.send(slot, io.scratchOffset, all.length);
        };
        const clients = await Promise.all(Array.from({ length: 200 }, () => listener.connect()));
        for (const [i, client] of clients.entries()) client.write(text(`client-${1000 + i}`));
        await h.run(() => clients.every(({ received }) => received.length >= 11));
        expect(clients.map(({ received }) => Buffer.from(received).toString())).toEqual(
          clients.map((_, i) => `client-${1000 + i}`),
        );
      },
      { socketsMax: 256 },
    ),
  );
}

function itConnects(runWith: RunWith): void {
  it(
    "answers once when the server is there",
    runWith(async (h) => {
      const { handler, io } = h;
      const server = await h.serve();
      const slot = handler.take();
      io.connect(slot, server.address);
      await h.run(() => handler.count("connect") === 1 && server.peers.length === 1);
      await h.settle();
      expect(handler.events).toEqual([{ kind: "connect", slot, result: 0 }]);
    }),
  );

  it(
    "answers -ECONNREFUSED when nobody listens; the slot is free again after close",
    runWith(async (h) => {
      const { handler, io } = h;
      const slot = handler.take();
      io.connect(slot, await h.refusingAddress());
      await h.run(() => handler.count("connect") === 1);
      expect(handler.all("connect")[0]!.result).toBe(-ECONNREFUSED);
      io.close(slot);
      await h.run(() => handler.count("closed", slot) === 1);
      const server = await h.serve();
      handler.use(slot);
      io.connect(slot, server.address);
      await h.run(() => handler.count("connect") === 2);
      expect(handler.all("connect")[1]).toEqual({ kind: "connect", slot, result: 0 });
    }),
  );

  it(
    "answers in a turn, and not before, when there is no way at all",
    runWith(async (h) => {
      const { handler, io } = h;
      const slot = handler.take();
      io.connect(slot, h.unreachableAddress());
      expect(handler.events).toEqual([]);
      await h.run(() => handler.count("connect") === 1);
      expect(handler.all("connect")[0]!.result).toBeLessThan(0);
      await h.settle();
      expect(handler.events.length).toBe(1);
    }),
  );

  it(
    "tells only onClosed of a socket that is closed before its answer",
    runWith(async (h) => {
      const { handler, io } = h;
      const server = await h.serve();
      const addresses = [server.address, await h.refusingAddress(), h.unreachableAddress()];
      for (const address of [...addresses, await h.silentAddress()]) {
        const slot = handler.take();
        io.connect(slot, address);
        io.close(slot);
        await h.run(() => !handler.inUse.has(slot));
      }
      await h.settle();
      expect(handler.events.map(({ kind }) => kind)).toEqual(Array(4).fill("closed"));
    }),
  );

  it(
    "waits for a server that says nothing, and can be closed meanwhile",
    runWith(async (h) => {
      const { handler, io } = h;
      const slot = handler.take();
      io.connect(slot, await h.silentAddress());
      io.setDeadline(slot, io.now + 50);
      await h.settle();
      expect(handler.count("connect")).toBe(0);
      h.skip(100);
      await h.run(() => handler.count("deadline", slot) === 1);
      io.close(slot);
      await h.run(() => handler.count("closed", slot) === 1);
      expect(handler.count("connect")).toBe(0);
    }),
  );

  it(
    "delivers what the server sent before the reactor looked",
    runWith(async (h) => {
      await greeted(h, false);
    }),
  );

  it(
    "delivers what the server sent before it closed and before the reactor looked",
    runWith(async (h) => {
      const slot = await greeted(h, true);
      await h.run(() => h.handler.all("receive", slot).some(({ result }) => result === 0));
    }),
  );
}

async function greeted(h: IoHarness, andFinish: boolean): Promise<number> {
  const { handler, io } = h;
  const server = await h.serve();
  server.greet = (peer) => {
    peer.write(text("welcome"));
    if (andFinish) peer.finish();
  };
  const slot = handler.take();
  io.connect(slot, server.address);
  await h.letPeersRun();
  await h.run(() => handler.received(slot).length === 7);
  expect(handler.received(slot)).toEqual(text("welcome"));
  return slot;
}
