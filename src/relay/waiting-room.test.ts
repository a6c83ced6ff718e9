import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { WaitingRoom } from "./waiting-room.ts";

describe("WaitingRoom", () => {
  it("is a line for each pool, whoever leaves from where", () => {
    const wish = fc.record({ connection: fc.nat(9), pool: fc.nat(2), leaves: fc.boolean() });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 60 }), (wishes) => {
        const room = new WaitingRoom(10);
        const lines: number[][] = [[], [], []];
        for (const { connection, pool, leaves } of wishes) {
          const waits = lines.some((line) => line.includes(connection));
          if (leaves || waits) {
            room.leave(connection);
            for (const line of lines) {
              if (line.includes(connection)) line.splice(line.indexOf(connection), 1);
            }
          } else {
            room.enter(connection, pool);
            lines[pool]!.push(connection);
          }
          expect(lines.map((line) => line[0] ?? -1)).toEqual([0, 1, 2].map((i) => room.first(i)));
          expect(lines.map((line) => line.length)).toEqual([0, 1, 2].map((i) => room.ofPool(i)));
          expect(room.count).toBe(lines.flat().length);
        }
      }),
    );
  });

  it("has nobody twice", () => {
    const room = new WaitingRoom(2);
    room.enter(1, 0);
    expect(() => room.enter(1, 0)).toThrow(AssertionFailure);
  });
});
