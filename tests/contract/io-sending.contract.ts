// The part of the Io contract about sent bytes, backpressure and our own end.
import { expect, it } from "vitest";
import { END_OF_STREAM, SEND_ON, SEND_WAIT } from "../../src/io/io.ts";
import type { IoHarness } from "./io-harness.ts";
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

const ENOBUFS = 105;

export function itSends(runWith: RunWith): void {
  itWaitsForSlowReaders(runWith);
  itSurvivesBrokenPeers(runWith);
  itFinishes(runWith);
  itSendsInPlace(runWith);

  it(
    "sends in order; the bytes are the caller's again at once",
    runWith(async (h) => {
      for (const { slot, peer } of [await acceptOne(h), await connectOne(h)]) {
        const pieces = Array.from({ length: 60 }, (_, i) => pattern(1 + i * 5, i));
        for (const piece of pieces) expect(sendBytes(h, slot, piece)).toBe(SEND_ON);
        const all = Buffer.concat(pieces);
        await h.run(() => peer.received.length === all.length);
        expectSame(peer.received, all);
      }
      expect(h.handler.count("sent")).toBe(0);
    }),
  );
}

/** Sends what is longer than a piece from the place of that piece, as often as one comes. */
function itSendsInPlace(runWith: RunWith): void {
  it(
    "sends what took the place of received bytes, however far behind its reader is",
    runWith(async (h) => {
      const [from, to] = [await acceptOne(h), await connectOne(h)];
      const expected: Buffer[] = [];
      h.handler.react = ({ kind, slot, result }) => {
        if (kind !== "receive" || slot !== from.slot) return;
        expected.push(replaceAndSend(h, to.slot, result));
      };
      to.peer.pauseReading();
      for (let i = 0; i < 40; i++) {
        from.peer.write(pattern(20 + i * 60, i));
        await h.settle();
      }
      to.peer.resumeReading();
      const size = () => expected.reduce((sum, { length }) => sum + length, 0);
      await h.run(() => to.peer.received.length >= size());
      expect(h.handler.received(from.slot).length).toBeGreaterThan(0);
      expectSame(to.peer.received, Buffer.concat(expected));
    }),
  );
}

function replaceAndSend({ io, handler }: IoHarness, slot: number, length: number): Buffer {
  const offset = handler.receivedOffset;
  if (length > 1) expect(io.roomAt(offset, length - 1), "not the end of the piece").toBe(0);
  const room = io.roomAt(offset, length);
  const place = room === 0 ? io.scratchOffset : offset;
  const bytes = pattern(room === 0 ? length : Math.min(room, length + 29), room);
  expect(bytes.length).toBeGreaterThanOrEqual(length);
  io.bytes.set(bytes, place);
  expect(io.send(slot, place, bytes.length)).toBeGreaterThanOrEqual(0);
  // Room that is left was not sent from: it was copied, and may change.
  io.bytes.fill(0xee, offset, offset + io.roomAt(offset, length));
  return bytes;
}

function itWaitsForSlowReaders(runWith: RunWith): void {
  it(
    "says SEND_WAIT to a slow reader's writer, keeps every byte, and tells once when all has left",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot, peer } = await acceptOne(h);
      // Not by the peer's pause: a kernel takes a little more for a peer that does not read, late.
      const slabsWhenTold: number[] = [];
      handler.react = ({ kind }) => {
        if (kind === "sent") slabsWhenTold.push(io.pool.used);
      };
      peer.pauseReading();
      const sent = fillUp(h, slot);
      expect(io.pool.used).toBeGreaterThan(0);
      await h.settle();
      peer.resumeReading();
      await h.run(() => peer.received.length === sent.length && slabsWhenTold.length > 0);
      await h.settle();
      expectSame(peer.received, sent);
      expect(slabsWhenTold).toEqual([0]);
      expect(handler.all("sent", slot).map(({ result }) => result)).toEqual([0]);
    }),
  );

  it(
    "says by flush whether what was taken has left, and tells when it has",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot, peer } = await acceptOne(h);
      let waits = 0;
      handler.react = (event) => {
        if (event.kind !== "receive" || event.result <= 0) return;
        expect(io.send(slot, handler.receivedOffset, event.result)).toBe(SEND_ON);
        if (io.flush(slot) === SEND_WAIT) waits++;
      };
      peer.write(text("there and back"));
      await h.run(() => peer.received.length === 14 && handler.count("sent") === waits);
      handler.react = () => {};
      peer.pauseReading();
      const sent = fillUp(h, slot);
      expect(io.flush(slot)).toBe(SEND_WAIT);
      peer.resumeReading();
      await h.run(() => handler.count("sent") === waits + 1);
      expect(io.flush(slot)).toBe(SEND_ON);
      await h.run(() => peer.received.length === 14 + sent.length);
    }),
  );

  it(
    "takes more after SEND_WAIT, behind what waits, and tells once for all of it",
    runWith(async (h) => {
      const { handler } = h;
      const { slot, peer } = await connectOne(h);
      peer.pauseReading();
      const sent = [fillUp(h, slot)];
      for (let i = 0; i < 5; i++) {
        sent.push(pattern(10_000 + i, i));
        expect(sendBytes(h, slot, sent.at(-1)!)).toBe(SEND_WAIT);
      }
      peer.resumeReading();
      const all = Buffer.concat(sent);
      await h.run(() => peer.received.length === all.length && handler.count("sent") > 0);
      expectSame(peer.received, all);
      await h.settle();
      expect(handler.count("sent", slot)).toBe(1);
    }),
  );

  it(
    "can be filled again from inside onSent",
    runWith(async (h) => {
      const { handler } = h;
      const { slot, peer } = await acceptOne(h);
      peer.pauseReading();
      const sent = [fillUp(h, slot)];
      handler.react = ({ kind }) => {
        if (kind === "sent" && sent.length < 4) sent.push(fillUp(h, slot));
      };
      peer.resumeReading();
      await h.run(() => handler.count("sent", slot) === 4);
      const all = Buffer.concat(sent);
      await h.run(() => peer.received.length === all.length);
      expectSame(peer.received, all);
    }),
  );

  it(
    "answers -ENOBUFS when bytes must be kept and the pool is dry",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot, peer } = await acceptOne(h);
      const taken: number[] = [];
      for (let slab = io.pool.take(); slab >= 0; slab = io.pool.take()) taken.push(slab);
      peer.pauseReading();
      let result = SEND_ON;
      for (let i = 0; i < 2000 && result === SEND_ON; i++) {
        result = sendBytes(h, slot, pattern(64 * 1024));
      }
      expect(result).toBe(-ENOBUFS);
      io.close(slot);
      await h.run(() => !handler.inUse.has(slot));
      for (const slab of taken) io.pool.give(slab);
    }),
  );
}

function itSurvivesBrokenPeers(runWith: RunWith): void {
  it(
    "answers an errno, or tells one, after the peer's reset",
    runWith(async (h) => {
      const { handler } = h;
      const { slot, peer } = await acceptOne(h);
      peer.reset();
      await h.letPeersRun();
      expect(await untilBroken(h, slot)).toBeLessThan(0);
      h.io.close(slot);
      await h.run(() => !handler.inUse.has(slot));
    }),
  );

  it(
    "answers an errno, or tells one, once the peer has closed for good",
    runWith(async (h) => {
      const { handler } = h;
      handler.receiving = false;
      const { slot, peer } = await connectOne(h);
      peer.close();
      await h.letPeersRun();
      expect(await untilBroken(h, slot)).toBeLessThan(0);
    }),
  );

  it(
    "tells of a reset one who waits for onSent, receiving or not",
    runWith(async (h) => {
      const { handler, io } = h;
      handler.receiving = false;
      const { slot, peer } = await acceptOne(h);
      peer.pauseReading();
      fillUp(h, slot);
      peer.reset();
      await h.run(() => handler.count("sent", slot) === 1);
      expect(handler.all("sent")[0]!.result).toBeLessThan(0);
      await h.settle();
      expect(handler.count("sent", slot)).toBe(1);
      io.close(slot);
      await h.run(() => !handler.inUse.has(slot));
      expect(io.pool.used).toBe(0);
    }),
  );
}

// Sends until something says that the socket is broken. @returns what said so
async function untilBroken(h: IoHarness, slot: number): Promise<number> {
  let result = 0;
  const told = () => h.handler.events.find((event) => event.slot === slot && event.result < 0);
  for (let i = 0; i < 50 && result >= 0; i++) {
    result = sendBytes(h, slot, text("are you there?"));
    await h.letPeersRun();
    if (result < 0) break;
    await h.settle();
    result = told()?.result ?? result;
  }
  return result;
}

function itFinishes(runWith: RunWith): void {
  it(
    "ends its direction and still receives",
    runWith(async (h) => {
      const { handler, io } = h;
      for (const { slot, peer } of [await acceptOne(h), await connectOne(h)]) {
        sendBytes(h, slot, text("last words"));
        io.finish(slot);
        await h.run(() => peer.ended);
        expect(Buffer.from(peer.received)).toEqual(text("last words"));
        peer.write(text("understood"));
        peer.finish();
        await h.run(() => handler.all("receive", slot).at(-1)?.result === END_OF_STREAM);
        expect(handler.received(slot)).toEqual(text("understood"));
      }
    }),
  );

  it(
    "ends its direction behind the last byte that waits",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot, peer } = await acceptOne(h);
      peer.pauseReading();
      const sent = fillUp(h, slot);
      io.finish(slot);
      await h.settle();
      expect(peer.ended).toBe(false);
      peer.resumeReading();
      await h.run(() => peer.ended && handler.count("sent", slot) === 1);
      expectSame(peer.received, sent);
      peer.write(text("still there"));
      await h.run(() => handler.received(slot).length === 11);
    }),
  );
}
