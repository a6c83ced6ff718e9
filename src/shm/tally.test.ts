import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tallyWords } from "./layout.ts";
import { Tally } from "./tally.ts";

function makeTallies(entries: number, workersMax: number) {
  const buffer = new SharedArrayBuffer(tallyWords(entries, workersMax) * 4);
  const place = { buffer, offset: 0, entries, workersMax };
  const workers = Array.from({ length: workersMax }, (_, worker) => new Tally(place, worker));
  return { controlPlane: new Tally(place, -1), workers };
}

describe("Tally", () => {
  it("counts over workers, up to the limit", () => {
    const { controlPlane, workers } = makeTallies(2, 2);
    controlPlane.setMax(1, 3);
    const answers = [0, 1, 0, 1, 0].map((worker) => workers[worker]!.tryAcquire(1));
    expect(answers).toEqual([true, true, true, false, false]);
    expect(controlPlane.isFull(1)).toBe(true);
    expect(controlPlane.share(1, 0)).toBe(2);
    workers[1]!.release(1);
    expect(controlPlane.isFull(1)).toBe(false);
    expect([0, 1].map((entry) => controlPlane.total(entry))).toEqual([0, 2]);
    expect(controlPlane.peak(1)).toBe(3);
  });

  it("begins its peaks anew with what is there", () => {
    const { controlPlane, workers } = makeTallies(2, 2);
    for (const worker of [0, 1, 0]) workers[worker]!.tryAcquire(1);
    workers[0]!.release(1);
    controlPlane.forgetPeaks();
    expect([0, 1].map((entry) => controlPlane.peak(entry))).toEqual([0, 2]);
    workers[1]!.tryAcquire(1);
    expect(controlPlane.peak(1)).toBe(3);
  });

  it("lets in what is open when the limit falls, and nobody new", () => {
    const { controlPlane, workers } = makeTallies(1, 1);
    for (let i = 0; i < 5; i++) workers[0]!.tryAcquire(0);
    expect(controlPlane.setMax(0, 2)).toBe(0);
    expect([workers[0]!.maxSeen(0), controlPlane.max(0)]).toEqual([2, 2]);
    expect(controlPlane.total(0)).toBe(5);
    expect(workers[0]!.tryAcquire(0)).toBe(false);
    for (let i = 0; i < 4; i++) workers[0]!.release(0);
    expect(workers[0]!.tryAcquire(0)).toBe(true);
  });

  it("takes no release that nobody acquired, and no count by the control plane", () => {
    const { controlPlane, workers } = makeTallies(1, 2);
    workers[0]!.tryAcquire(0);
    expect(() => workers[1]!.release(0)).toThrow("once per acquire");
    expect(() => controlPlane.tryAcquire(0)).toThrow("only workers");
    expect(() => workers[0]!.tryAcquire(1)).toThrow("fixed");
  });

  it("is always the sum of its shares, whoever acquires, releases or dies", () => {
    const step = fc.record({
      worker: fc.nat(2),
      entry: fc.nat(3),
      do: fc.constantFrom("acquire", "acquire", "release", "die"),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { controlPlane, workers } = makeTallies(4, 3);
        const open = new Map<string, number>();
        for (const { worker, entry, do: action } of steps) {
          const name = `${worker} ${entry}`;
          const before = open.get(name) ?? 0;
          if (action === "die") {
            controlPlane.forgetWorker(worker);
            for (const each of open.keys()) if (each.startsWith(`${worker}`)) open.delete(each);
          } else if (action === "acquire") {
            expect(workers[worker]!.tryAcquire(entry)).toBe(true);
            open.set(name, before + 1);
          } else if (before > 0) {
            workers[worker]!.release(entry);
            open.set(name, before - 1);
          }
        }
        for (let entry = 0; entry < 4; entry++) {
          const shares = [0, 1, 2].map((worker) => open.get(`${worker} ${entry}`) ?? 0);
          expect(controlPlane.total(entry)).toBe(shares[0]! + shares[1]! + shares[2]!);
        }
      }),
    );
  });
});
