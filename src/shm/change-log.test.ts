import { describe, expect, it } from "vitest";
import { ChangeLog } from "./change-log.ts";
import { CHANGES_KEPT, changesWords } from "./layout.ts";

const makeBuffer = () => new SharedArrayBuffer(changesWords() * 4);

describe("ChangeLog", () => {
  it("tells every reader what changed, in order", () => {
    const buffer = makeBuffer();
    const [writer, reader] = [new ChangeLog(buffer), new ChangeLog(buffer)];
    for (const number of [3, 0, 1_048_575]) writer.note(number);
    expect(reader.end()).toBe(3);
    expect([0, 1, 2].map((index) => reader.at(index))).toEqual([3, 0, 1_048_575]);
  });

  it("has no entry where none was written", () => {
    expect(new ChangeLog(makeBuffer()).at(0)).toBe(-1);
  });

  it("knows entries that were written over", () => {
    const log = new ChangeLog(makeBuffer());
    for (let i = 0; i < CHANGES_KEPT + 5; i++) log.note(i);
    expect([log.at(4), log.at(5)]).toEqual([-1, 5]);
    expect(log.at(CHANGES_KEPT + 4)).toBe(CHANGES_KEPT + 4);
  });

  it("goes on when its numbers wrap around", () => {
    const buffer = makeBuffer();
    new Int32Array(buffer)[0] = -2;
    const log = new ChangeLog(buffer);
    for (const number of [7, 8, 9]) log.note(number);
    expect(log.end()).toBe(1);
    expect([-2, -1, 0].map((index) => log.at(index))).toEqual([7, 8, 9]);
  });

  it("refuses a number that does not fit", () => {
    expect(() => new ChangeLog(makeBuffer()).note(1 << 20)).toThrow("a number fits its bits");
  });
});
