// The part of the Io contract about closing, resetting and using a slot again.
import { expect, it } from "vitest";
import { collectGarbage } from "./collect-garbage.ts";
import type { IoHarness, Peer } from "./io-harness.ts";
import {
  acceptOne,
  connectOne,
  expectSame,
  fillUp,
  pattern,
  type RunWith,
  sendBytes,
  text,
} from "./io-steps.ts";

/** Turns within which onClosed must come. */
const TURNS_UNTIL_CLOSED = 100;

export function itCloses(runWith: RunWith): void {
  itTellsOnlyClosed(runWith);
  itClosesInsideCallbacks(runWith);
  itReusesSlots(runWith);

  it(
    "lets what has left arrive, and then the end",
    runWith(async (h) => {
      for (const { slot, peer } of [await acceptOne(h), await connectOne(h)]) {
        const sent = pattern(20_000);
        expect(sendBytes(h, slot, sent)).toBe(0);
        h.io.close(slot);
        await h.run(() => peer.ended);
        expectSame(peer.received, sent);
        expect(peer.failure).toBe(null);
      }
    }),
  );

  it(
    "gives the peer a reset when asked to",
    runWith(async (h) => {
      for (const { slot, peer } of [await acceptOne(h), await connectOne(h)]) {
        h.io.reset(slot);
        await h.run(() => peer.failure !== null && !h.handler.inUse.has(slot));
        expect(peer.failure).toBe("ECONNRESET");
      }
    }),
  );

  it(
    "gives the peer a reset after garbage was collected, as before",
    runWith(async (h) => {
      const { slot, peer } = await acceptOne(h);
      collectGarbage();
      h.io.reset(slot);
      await h.run(() => peer.failure !== null || peer.ended);
      expect(peer.failure).toBe("ECONNRESET");
    }),
  );
}

function itTellsOnlyClosed(runWith: RunWith): void {
  it(
    "tells onClosed and nothing else, once, within a bounded number of turns",
    runWith(async (h) => {
      const { handler, io } = h;
      for (const end of ["close", "reset"] as const) {
        const { slot, peer } = await acceptOne(h);
        peer.write(text("unheard"));
        peer.finish();
        await h.letPeersRun();
        io.setDeadline(slot, io.now + 1);
        handler.events.length = 0;
        io[end](slot);
        io[end](slot);
        expect(handler.events).toEqual([]);
        handler.insideTurn = true;
        for (let i = 0; i < TURNS_UNTIL_CLOSED && handler.inUse.has(slot); i++) io.turn(0);
        handler.insideTurn = false;
        h.skip(100);
        await h.settle();
        expect(handler.events).toEqual([{ kind: "closed", slot, result: 0 }]);
        io.unlisten(0);
      }
    }),
  );

  it(
    "drops what has not left and gives its memory back",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot, peer } = await acceptOne(h);
      peer.pauseReading();
      const sent = fillUp(h, slot);
      io.finish(slot);
      io.close(slot);
      await h.run(() => !handler.inUse.has(slot));
      expect(io.pool.used).toBe(0);
      peer.resumeReading();
      await h.run(() => peer.ended || peer.failure !== null);
      expect(peer.received.length).toBeLessThan(sent.length);
      expectSame(peer.received, sent.subarray(0, peer.received.length));
      expect(handler.count("sent")).toBe(0);
    }),
  );
}

function itClosesInsideCallbacks(runWith: RunWith): void {
  it(
    "may be asked from inside any callback of the slot",
    runWith(async (h) => {
      const { handler, io } = h;
      const listener = await h.listen(0);
      const server = await h.serve();
      handler.react = ({ kind, slot }) => {
        if (kind !== "closed" && kind !== "accept") io.close(slot);
      };
      await listener.connect();
      await h.run(() => handler.count("closed") === 1);
      io.connect(handler.take(), server.address);
      await h.run(() => handler.count("closed") === 2);
      const timed = handler.take();
      io.connect(timed, await h.silentAddress());
      io.setDeadline(timed, io.now + 10);
      h.skip(100);
      await h.run(() => handler.count("closed") === 3);
      await h.settle();
      expect(handler.events.map(({ kind }) => kind)).toEqual([
        "accept",
        "accepted",
        "closed",
        "connect",
        "closed",
        "deadline",
        "closed",
      ]);
    }),
  );

  it(
    "may be asked from inside onSent, with bytes still to receive",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot, peer } = await acceptOne(h);
      peer.pauseReading();
      fillUp(h, slot);
      handler.react = ({ kind }) => {
        if (kind === "sent") io.close(slot);
      };
      handler.events.length = 0;
      io.stopReceiving(slot);
      peer.write(text("unheard"));
      await h.letPeersRun();
      peer.resumeReading();
      await h.run(() => !handler.inUse.has(slot));
      expect(handler.events.map(({ kind }) => kind)).toEqual(["sent", "closed"]);
    }),
  );

  it(
    "tells nothing of a socket that another callback of the same turn has closed",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slots, peers } = await acceptMany(h, 10);
      handler.react = ({ kind, slot }) => {
        if (kind !== "receive") return;
        for (const each of slots) if (each !== slot && handler.inUse.has(each)) io.close(each);
      };
      for (const peer of peers) peer.write(text("hello"));
      await h.letPeersRun();
      await h.run(() => handler.count("closed") === 9);
      await h.settle();
      expect(handler.count("receive")).toBe(1);
    }),
  );
}

function itReusesSlots(runWith: RunWith): void {
  it(
    "keeps what was for the old socket from the new one in its slot",
    runWith(async (h) => {
      const { handler, io } = h;
      const server = await h.serve();
      server.greet = (peer) => peer.write(text("new"));
      const { slots, peers } = await acceptMany(h, 10);
      const reused = new Set<number>();
      handler.react = ({ kind, slot }) => {
        if (kind === "receive" && slots.includes(slot) && !reused.has(slot)) {
          for (const each of slots) if (!reused.has(each)) io.close(each);
        }
        if (kind !== "closed" || reused.has(slot)) return;
        reused.add(slot);
        handler.use(slot);
        io.connect(slot, server.address);
      };
      for (const peer of peers) peer.write(text("old"));
      for (const peer of peers) peer.finish();
      await h.letPeersRun();
      await h.run(() => reused.size === 10);
      await h.run(() => slots.every((slot) => handler.received(slot).length >= 3));
      for (const slot of slots) {
        expect(handler.received(slot)).toEqual(text("new"));
        expect(handler.all("connect", slot)).toEqual([{ kind: "connect", slot, result: 0 }]);
      }
    }),
  );

  it(
    "starts afresh: not receiving, nothing owed, no deadline",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot, peer } = await acceptOne(h);
      peer.pauseReading();
      fillUp(h, slot);
      io.finish(slot);
      io.setDeadline(slot, io.now + 50);
      io.close(slot);
      await h.run(() => !handler.inUse.has(slot));
      handler.receiving = false;
      const server = await h.serve();
      server.greet = (each) => each.write(text("hello"));
      handler.use(slot);
      io.connect(slot, server.address);
      await h.run(() => server.peers.length === 1 && handler.count("connect", slot) === 1);
      handler.events.length = 0;
      h.skip(100);
      await h.settle();
      expect(handler.events).toEqual([]);
      expect(sendBytes(h, slot, text("fresh"))).toBe(0);
      await h.run(() => server.peers[0]!.received.length === 5);
      await h.settle();
      expect(handler.events).toEqual([]);
      expect(server.peers[0]!.ended).toBe(false);
    }),
  );

  it(
    "can be opened and closed again and again",
    runWith(async (h) => {
      const { handler, io } = h;
      const server = await h.serve();
      const refusing = await h.refusingAddress();
      const slot = handler.take();
      for (let i = 1; i <= 40; i++) {
        handler.use(slot);
        io.connect(slot, i % 2 === 0 ? refusing : server.address);
        if (i % 3 !== 0) await h.run(() => handler.events.at(-1)?.kind === "connect");
        io.close(slot);
        await h.run(() => handler.count("closed", slot) === i);
      }
      const results = handler.all("connect").map(({ result }) => result);
      expect(results.length).toBe(27);
    }),
  );
}

async function acceptMany(
  h: IoHarness,
  count: number,
): Promise<{ slots: number[]; peers: Peer[] }> {
  const listener = await h.listen(0);
  const peers = await Promise.all(Array.from({ length: count }, () => listener.connect()));
  await h.run(() => h.handler.count("accepted") === count);
  return { slots: h.handler.all("accepted").map(({ slot }) => slot), peers };
}
