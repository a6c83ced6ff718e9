import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { KNOWN, LANES, OTHERS, WaitingRoom } from "./waiting-room.ts";

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

  it("lets lanes take turns, however long each is", () => {
    const room = new WaitingRoom(100);
    for (let i = 0; i < 90; i++) room.enter(i, 3, OTHERS, 5);
    room.enter(90, 3, OTHERS, 6);
    room.enter(91, 3, OTHERS, LANES - 1);
    const served: number[] = [];
    for (let i = 0; i < 5; i++) {
      const first = room.first(3);
      served.push(first);
      room.pass(first);
      room.leave(first);
    }
    expect(served).toEqual([0, 90, 91, 1, 2]);
  });

  it("goes on with the lane beside one whose first cannot be served", () => {
    const room = new WaitingRoom(4);
    room.enter(0, 0, OTHERS, 1);
    room.enter(1, 0, OTHERS, 2);
    room.pass(room.first(0));
    expect(room.first(0)).toBe(1);
    room.pass(1);
    expect(room.first(0)).toBe(0);
  });

  it("has those who are known before all others", () => {
    const room = new WaitingRoom(4);
    room.enter(0, 0, OTHERS, 1);
    room.enter(1, 0, KNOWN, 2);
    expect([room.first(0), room.ofKind(0, KNOWN), room.ofKind(0, OTHERS)]).toEqual([1, 1, 1]);
    room.leave(1);
    expect([room.first(0), room.has(0), room.has(1)]).toEqual([0, true, false]);
  });

  it("knows how many stand in a lane", () => {
    const room = new WaitingRoom(4);
    expect(room.ofLane(7, OTHERS, 3)).toBe(0);
    room.enter(0, 7, OTHERS, 3);
    room.enter(1, 7, OTHERS, 3);
    room.enter(2, 7, OTHERS, 4);
    expect([3, 4, 5].map((lane) => room.ofLane(7, OTHERS, lane))).toEqual([2, 1, 0]);
    expect(room.ofLane(7, KNOWN, 3)).toBe(0);
  });

  it("has nobody twice", () => {
    const room = new WaitingRoom(2);
    room.enter(1, 0);
    expect(() => room.enter(1, 0)).toThrow(AssertionFailure);
  });
});
