import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Verdict } from "./verdict.ts";

const settings = { rise: 2, fall: 3, initial: "up" } as const;

function provenUp(): Verdict {
  return new Verdict(settings, { up: true });
}

describe("Verdict", () => {
  it("is up on trust until the first check, which decides alone", () => {
    const refused = new Verdict(settings);
    expect([refused.up, refused.isChanging]).toEqual([true, true]);
    expect(refused.onCheck(false)).toBe(true);
    expect([refused.up, refused.isChanging]).toEqual([false, false]);

    const answered = new Verdict(settings);
    expect(answered.onCheck(true)).toBe(false);
    expect([answered.up, answered.isChanging]).toEqual([true, false]);
  });

  it("goes down after `fall` failures in a row, and up after `rise` successes", () => {
    const verdict = provenUp();
    expect([false, false, false].map((passed) => verdict.onCheck(passed))).toEqual([
      false,
      false,
      true,
    ]);
    expect(verdict.up).toBe(false);
    expect([true, true].map((passed) => verdict.onCheck(passed))).toEqual([false, true]);
    expect(verdict.up).toBe(true);
  });

  it("starts counting again after a result that agrees with it", () => {
    const verdict = provenUp();
    for (const passed of [false, false, true, false, false]) verdict.onCheck(passed);
    expect([verdict.up, verdict.streak]).toEqual([true, 2]);
  });

  it("counts failed dials of clients as failed checks, at once", () => {
    const verdict = provenUp();
    expect(verdict.onFailedDials(1)).toBe(false);
    expect(verdict.isChanging).toBe(true);
    expect(verdict.onCheck(false)).toBe(false);
    expect(verdict.onFailedDials(1)).toBe(true);
    expect(verdict.up).toBe(false);
  });

  it("goes down once, however many dials failed in one report", () => {
    const verdict = provenUp();
    expect(verdict.onFailedDials(300)).toBe(true);
    expect(verdict.onFailedDials(300)).toBe(false);
  });

  it("is not kept down by late news of failed dials", () => {
    const verdict = new Verdict(settings, { up: false });
    verdict.onCheck(true);
    verdict.onFailedDials(5);
    expect(verdict.onCheck(true)).toBe(true);
  });

  it("says where it stands as HAProxy does", () => {
    const verdict = provenUp();
    const texts = [true, false, false, false, true, true].map((passed) => {
      verdict.onCheck(passed);
      return verdict.statusText();
    });
    expect(texts).toEqual(["UP", "UP 2/3", "UP 1/3", "DOWN", "DOWN 1/2", "UP"]);
  });

  it("changes exactly where the last rise or fall results all speak against it", () => {
    const limits = fc.record({ rise: fc.integer({ min: 1, max: 5 }), fall: fc.nat(4) });
    fc.assert(
      fc.property(limits, fc.array(fc.boolean()), ({ rise, fall }, results) => {
        const verdict = new Verdict({ rise, fall: fall + 1, initial: "up" }, { up: true });
        let sinceChange: boolean[] = [];
        for (const passed of results) {
          const limit = verdict.up ? fall + 1 : rise;
          const before = verdict.up;
          sinceChange.push(passed);
          const last = sinceChange.slice(-limit);
          const mustChange = last.length === limit && last.every((value) => value !== before);
          expect(verdict.onCheck(passed)).toBe(mustChange);
          expect(verdict.up).toBe(mustChange ? !before : before);
          if (mustChange) sinceChange = [];
        }
      }),
    );
  });

  it.each([
    ["up", [true, false], 1],
    ["fully-up", [true, false, false, false], 3],
    ["down", [false, true], 1],
    ["fully-down", [false, true, true], 2],
  ] as const)("begins %s and turns by as many checks as that says", (initial, story, turnsAt) => {
    const verdict = new Verdict({ ...settings, initial });
    const [up, ...results] = story;
    expect(verdict.up).toBe(up);
    expect(results.map((passed) => verdict.onCheck(passed)).indexOf(true) + 1).toBe(turnsAt);
    verdict.begin();
    expect([verdict.up, verdict.streak]).toEqual([up, 0]);
  });

  it("dies of the next failed check once that is expected, unless one passes", () => {
    const [dying, saved] = [provenUp(), provenUp()];
    for (const verdict of [dying, saved]) verdict.expectDeath();
    expect(dying.onCheck(false)).toBe(true);
    saved.onCheck(true);
    expect(saved.onCheck(false)).toBe(false);
  });

  it("counts its health as HAProxy does", () => {
    const verdict = provenUp();
    const healths = [false, false, false, true, true].map((passed) => {
      verdict.onCheck(passed);
      return verdict.health();
    });
    expect([provenUp().health(), ...healths]).toEqual([4, 3, 2, 0, 1, 4]);
  });

  it("goes on by other numbers without turning by them alone", () => {
    const verdict = provenUp();
    verdict.onCheck(false);
    verdict.onCheck(false);
    verdict.change({ rise: 1, fall: 1, initial: "up" });
    expect([verdict.up, verdict.streak]).toEqual([true, 0]);
    expect(verdict.onCheck(false)).toBe(true);
  });
});
