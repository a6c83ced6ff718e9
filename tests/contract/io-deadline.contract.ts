// The part of the Io contract about deadlines and about being woken.
import { expect, it } from "vitest";
import type { IoHarness } from "./io-harness.ts";
import { acceptOne, connectOne, type RunWith, text } from "./io-steps.ts";

/** What an implementation may be late by, in milliseconds. */
const LATENESS = 40;

export function itKeepsDeadlines(runWith: RunWith): void {
  itFires(runWith);
  itForgets(runWith);
  itWakes(runWith);
}

function itFires(runWith: RunWith): void {
  it(
    "are never early, and come once",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot } = await acceptOne(h);
      for (const delay of [1, 17, 300, 5_000, 70_000, 2_000_000]) {
        handler.events.length = 0;
        const at = io.now + delay;
        let firedAt = -1;
        handler.react = ({ kind }) => {
          if (kind === "deadline") firedAt = io.now;
        };
        io.setDeadline(slot, at);
        h.skip(delay - 0.5 * Math.min(delay, 20));
        await h.settle();
        h.skip(LATENESS);
        await h.run(() => handler.count("deadline", slot) === 1);
        expect(firedAt).toBeGreaterThanOrEqual(at);
        await h.settle();
        expect(handler.events).toEqual([{ kind: "deadline", slot, result: 0 }]);
      }
    }),
  );

  it(
    "follow the latest wish, later or earlier",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot } = await connectOne(h);
      const start = io.now;
      io.setDeadline(slot, start + 10_000);
      io.setDeadline(slot, start + 50_000);
      h.skip(30_000);
      await h.settle();
      expect(handler.count("deadline")).toBe(0);
      io.setDeadline(slot, io.now + 500);
      h.skip(500 + LATENESS);
      await h.run(() => handler.count("deadline", slot) === 1);
      h.skip(60_000);
      await h.settle();
      expect(handler.count("deadline")).toBe(1);
    }),
  );

  it(
    "may be set again from inside onDeadline",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot } = await acceptOne(h);
      handler.react = ({ kind }) => {
        if (kind === "deadline" && handler.count("deadline") < 4)
          io.setDeadline(slot, io.now + 100);
      };
      io.setDeadline(slot, io.now);
      for (let i = 1; i <= 4; i++) {
        h.skip(100 + LATENESS);
        await h.run(() => handler.count("deadline", slot) === i);
      }
      h.skip(10_000);
      await h.settle();
      expect(handler.count("deadline")).toBe(4);
    }),
  );

  it(
    "end a turn that waits longer",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot } = await acceptOne(h);
      for (const waitMs of [-1, 3_600_000]) {
        handler.events.length = 0;
        io.setDeadline(slot, io.now + 30);
        // More than one turn: a reactor may wake early to look for deadlines that were moved.
        for (let i = 0; i < 10 && handler.count("deadline") === 0; i++) turn(h, waitMs);
        expect(handler.count("deadline")).toBe(1);
      }
    }),
  );
}

function itForgets(runWith: RunWith): void {
  it(
    "do not come once cleared, nor after close",
    runWith(async (h) => {
      const { handler, io } = h;
      const [a, b] = [await acceptOne(h), await connectOne(h)];
      io.setDeadline(a.slot, io.now + 100);
      io.setDeadline(b.slot, io.now + 100);
      io.clearDeadline(a.slot);
      io.clearDeadline(a.slot);
      io.close(b.slot);
      h.skip(1_000);
      await h.settle();
      expect(handler.count("deadline")).toBe(0);
      expect(handler.count("closed", b.slot)).toBe(1);
    }),
  );

  it(
    "of one socket may be set, moved and cleared by the deadline of another in the same turn",
    runWith(async (h) => {
      const { handler, io } = h;
      const { slot: first } = await acceptOne(h);
      const { slot: second } = await connectOne(h);
      handler.react = ({ kind, slot }) => {
        if (kind === "deadline") io.clearDeadline(slot === first ? second : first);
      };
      io.setDeadline(first, io.now + 100);
      io.setDeadline(second, io.now + 100);
      h.skip(1_000);
      await h.run(() => handler.count("deadline") > 0);
      await h.settle();
      expect(handler.count("deadline")).toBe(1);
    }),
  );
}

function itWakes(runWith: RunWith): void {
  it(
    "is woken from a turn without end, however often it was rung",
    runWith(async (h) => {
      const { handler } = h;
      for (const times of [1, 50]) {
        handler.events.length = 0;
        await h.ringLater(times);
        while (handler.count("wake") === 0) turn(h, -1);
        await h.settle();
        expect(handler.count("wake")).toBeLessThanOrEqual(times);
      }
    }),
  );

  it(
    "is woken between other events without losing any",
    runWith(async (h) => {
      const { handler } = h;
      const { slot, peer } = await acceptOne(h);
      await h.ringLater(3);
      peer.write(text("hello"));
      await h.run(() => handler.count("wake") > 0 && handler.received(slot).length === 5);
    }),
  );

  it(
    "comes back from a turn that may not wait, or in which nothing happens",
    runWith(async (h) => {
      await acceptOne(h);
      for (const waitMs of [0, 0, 1, 5]) turn(h, waitMs);
      expect(h.handler.events.map(({ kind }) => kind)).toEqual(["accept", "accepted"]);
    }),
  );
}

function turn({ io, handler }: IoHarness, waitMs: number): void {
  handler.insideTurn = true;
  io.turn(waitMs);
  handler.insideTurn = false;
}
