// The part of the Io contract about received bytes, ends and errors.
import { expect, it } from "vitest";
import { END_OF_STREAM } from "../../src/io/io.ts";
import {
  acceptOne,
  connectOne,
  expectSame,
  pattern,
  type RunWith,
  sendBytes,
  text,
} from "./io-steps.ts";

const BIG = 1024 * 1024;

export function itReceives(runWith: RunWith): void {
  itKeepsQuiet(runWith);
  itTellsEnds(runWith);

  it(
    "brings every byte in order, however much there is",
    runWith(async (h) => {
      const { slot, peer } = await acceptOne(h);
      const sent = pattern(BIG);
      peer.write(sent);
      await h.run(() => h.handler.received(slot).length === BIG);
      expectSame(h.handler.received(slot), sent);
    }),
  );

  it(
    "brings bytes both ways at once",
    runWith(async (h) => {
      const [client, server] = [await acceptOne(h), await connectOne(h)];
      for (let i = 0; i < 50; i++) {
        client.peer.write(pattern(100, i));
        sendBytes(h, server.slot, pattern(100, i));
      }
      await h.run(() => {
        return h.handler.received(client.slot).length + server.peer.received.length === 10_000;
      });
      expectSame(h.handler.received(client.slot), server.peer.received);
    }),
  );
}

function itKeepsQuiet(runWith: RunWith): void {
  it(
    "is off until it is started; bytes wait",
    runWith(async (h) => {
      h.handler.receiving = false;
      for (const { slot, peer } of [await acceptOne(h), await connectOne(h)]) {
        peer.write(text("waiting"));
        await h.settle();
        expect(h.handler.count("receive")).toBe(0);
        h.io.startReceiving(slot);
        h.io.startReceiving(slot);
        await h.run(() => h.handler.received(slot).length === 7);
        h.handler.events.length = 0;
      }
    }),
  );

  it(
    "says nothing after stop, from inside a callback or from outside, until started again",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot, peer } = await acceptOne(h);
      handler.react = ({ kind }) => {
        if (kind === "receive") io.stopReceiving(slot);
      };
      const sent = pattern(BIG);
      peer.write(sent);
      peer.finish();
      for (let rounds = 1; handler.received(slot).length < BIG; rounds++) {
        await h.run(() => handler.count("receive", slot) === rounds);
        await h.settle();
        expect(handler.count("receive", slot)).toBe(rounds);
        io.startReceiving(slot);
        io.stopReceiving(slot);
        await h.letPeersRun();
        io.startReceiving(slot);
      }
      expectSame(handler.received(slot), sent);
      await h.run(() => handler.all("receive", slot).at(-1)!.result === END_OF_STREAM);
    }),
  );

  it(
    "says nothing about a socket that another callback of the same turn has stopped",
    runWith(async (h) => {
      const { handler, io } = h;
      const listener = await h.listen(0);
      const peers = [await listener.connect(), await listener.connect()];
      await h.run(() => handler.count("accepted") === 2);
      const slots = handler.all("accepted").map(({ slot }) => slot);
      handler.react = ({ kind, slot }) => {
        if (kind !== "receive") return;
        for (const each of slots) if (each !== slot) io.stopReceiving(each);
      };
      for (const peer of peers) peer.write(text("hello"));
      await h.letPeersRun();
      await h.settle();
      expect(handler.count("receive")).toBe(1);
      handler.react = () => {};
      for (const slot of slots) io.startReceiving(slot);
      await h.run(() => slots.every((slot) => handler.received(slot).length === 5));
    }),
  );
}

function itTellsEnds(runWith: RunWith): void {
  it(
    "tells the end once, after the last byte, and the socket can still send",
    runWith(async (h) => {
      const { handler } = h;
      for (const { slot, peer } of [await acceptOne(h), await connectOne(h)]) {
        peer.write(text("last words"));
        peer.finish();
        await h.run(() => handler.all("receive", slot).at(-1)?.result === END_OF_STREAM);
        expect(handler.received(slot)).toEqual(text("last words"));
        expect(sendBytes(h, slot, text("answer"))).toBe(0);
        await h.run(() => peer.received.length === 6);
        await h.settle();
        const ends = handler.all("receive", slot).filter(({ result }) => result === END_OF_STREAM);
        expect(ends.length).toBe(1);
      }
    }),
  );

  it(
    "foretells no end that does not come next",
    runWith(async (h) => {
      const { handler, io } = h;
      const foretold = new Set<number>();
      const broken: number[] = [];
      handler.react = ({ kind, slot, result }) => {
        if (kind !== "receive") return;
        if (foretold.delete(slot) && result !== END_OF_STREAM) broken.push(slot);
        if (io.endFollows) foretold.add(slot);
      };
      const listener = await h.listen(0);
      const peers = await Promise.all(Array.from({ length: 30 }, () => listener.connect()));
      for (let round = 0; round < 4; round++) {
        for (const peer of peers) peer.write(pattern(10, round));
        await h.run(() => {
          const slots = handler.all("accepted").map(({ slot }) => slot);
          const isThere = (slot: number) => handler.received(slot).length === 10 * (round + 1);
          return slots.length === 30 && slots.every(isThere);
        });
      }
      for (const [i, peer] of peers.entries()) {
        peer.write(text("the last of them"));
        if (i % 3 > 0) peer.finish();
      }
      await h.letPeersRun();
      const ends = () => handler.all("receive").filter(({ result }) => result === END_OF_STREAM);
      await h.run(() => ends().length === 20);
      expect([broken, [...foretold]]).toEqual([[], []]);
    }),
  );

  it(
    "keeps the end for one who is not receiving",
    runWith(async (h) => {
      const { handler, io } = h;
      handler.receiving = false;
      const { slot, peer } = await acceptOne(h);
      peer.finish();
      await h.settle();
      expect(handler.count("receive")).toBe(0);
      io.startReceiving(slot);
      await h.run(() => handler.count("receive") === 1);
      expect(handler.all("receive")[0]!.result).toBe(END_OF_STREAM);
      io.stopReceiving(slot);
      io.startReceiving(slot);
      await h.settle();
      expect(handler.count("receive")).toBe(1);
    }),
  );

  it(
    "tells of a reset once",
    runWith(async (h) => {
      const { handler, io } = h;
      for (const { slot, peer } of [await acceptOne(h), await connectOne(h)]) {
        peer.reset();
        await h.run(() => handler.count("receive", slot) === 1);
        io.stopReceiving(slot);
        io.startReceiving(slot);
        await h.settle();
        expect(handler.all("receive", slot).map(({ result }) => result)).toEqual([-104]);
      }
    }),
  );

  it(
    "tells the end of many sockets at once",
    runWith(
      async (h) => {
        const listener = await h.listen(0);
        const peers = await Promise.all(Array.from({ length: 100 }, () => listener.connect()));
        for (const peer of peers) peer.write(text("bye"));
        for (const peer of peers) peer.finish();
        await h.letPeersRun();
        const ends = () => h.handler.all("receive").filter(({ result }) => result === 0);
        await h.run(() => ends().length === 100);
        const slots = ends().map(({ slot }) => slot);
        expect(new Set(slots).size).toBe(100);
        for (const slot of slots) expect(h.handler.received(slot)).toEqual(text("bye"));
      },
      { socketsMax: 128 },
    ),
  );
}
