import { describe, expect, it } from "vitest";
import { CAPTURED_MAX, ErrorReader, ErrorWriter, errorBytes } from "./error-captures.ts";

const SIZES = { workersMax: 2, listenersMax: 3, poolsMax: 2 };
const SOURCE = Uint8Array.from({ length: 2 * CAPTURED_MAX }, (_, i) => i);

function captures() {
  const buffer = new SharedArrayBuffer(errorBytes(SIZES));
  const writers = [0, 1].map((worker) => new ErrorWriter(buffer, SIZES, worker)) as [
    ErrorWriter,
    ErrorWriter,
  ];
  return { buffer, writers, reader: new ErrorReader(buffer, SIZES) };
}

const FACTS = {
  ...{ atMs: 1_000.5, reason: 7, rule: 3, level: 5, faultOffset: 12 },
  ...{ listener: 2, pool: 1, server: 9 },
};

describe("error captures", () => {
  it("hand over what was captured, by listener and by pool", () => {
    const { writers, reader } = captures();
    const [writer] = writers;
    expect([reader.ofListener(2), reader.ofPool(1), reader.count()]).toEqual([null, null, 0]);
    Object.assign(writer.facts, FACTS);
    writer.facts.endpoint.fill(8);
    writer.write(false, SOURCE, 10, 3);
    const endpoint = new Uint8Array(18).fill(8);
    const bytes = Uint8Array.of(10, 11, 12);
    expect(reader.ofListener(2)).toEqual({ ...FACTS, endpoint, size: 3, bytes });
    writer.write(true, SOURCE, 20, 1);
    expect(reader.ofPool(1)).toEqual({ ...FACTS, endpoint, size: 1, bytes: Uint8Array.of(20) });
    expect([reader.ofListener(0), reader.ofPool(0), reader.count()]).toEqual([null, null, 2]);
  });

  it("say where a fault is only where that is known", () => {
    const { writers, reader } = captures();
    writers[0].write(false, SOURCE, 0, 1);
    expect(reader.ofListener(0)?.faultOffset).toBe(-1);
  });

  it("keep the first bytes of what is long, and say how long it was", () => {
    const { writers, reader } = captures();
    writers[0].write(false, SOURCE, 0, SOURCE.length);
    const { size, bytes } = reader.ofListener(0)!;
    expect([size, bytes.length, bytes.at(-1)]).toEqual([1024, CAPTURED_MAX, 255]);
  });

  it("are the latest of any worker, and count those that were overwritten", () => {
    const { writers, reader } = captures();
    for (const [worker, atMs] of [
      [0, 10],
      [1, 30],
      [0, 20],
    ] as const) {
      writers[worker].facts.atMs = atMs;
      writers[worker].write(false, SOURCE, atMs, 1);
    }
    expect(reader.ofListener(0)).toMatchObject({ atMs: 30, bytes: Uint8Array.of(30) });
    expect(reader.count()).toBe(3);
  });

  it("forget a number that passes on, and what a dead worker has left half written", () => {
    const { buffer, writers, reader } = captures();
    writers[0].write(false, SOURCE, 0, 1);
    writers[1].write(true, SOURCE, 0, 1);
    reader.forgetListener(0);
    expect([reader.ofListener(0), reader.ofPool(0)?.size]).toEqual([null, 1]);
    reader.forgetPool(0);
    expect(reader.ofPool(0)).toBeNull();
    writers[0].write(false, SOURCE, 0, 1);
    reader.forgetWorker(0);
    expect(reader.ofListener(0)?.size).toBe(1);
    new Int32Array(buffer)[0]! += 1;
    expect(reader.ofListener(0)).toBeNull();
    reader.forgetWorker(0);
    writers[0].write(false, SOURCE, 0, 2);
    expect(reader.ofListener(0)?.size).toBe(2);
  });
});
