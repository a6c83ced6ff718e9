import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";
import { LOG_HEAD, LOG_HEADER_SIZE, LOG_RING_SIZE_MIN, LOG_TAIL } from "./layout.ts";
import { LogRingReader, LogRingWriter } from "./log-ring.ts";

function makeRing(size = LOG_RING_SIZE_MIN, startAt = 0) {
  const buffer = new SharedArrayBuffer(LOG_HEADER_SIZE + size);
  const header = new Int32Array(buffer, 0, 2);
  header[LOG_HEAD] = startAt;
  header[LOG_TAIL] = startAt;
  return {
    writer: new LogRingWriter(buffer, 0, size),
    reader: new LogRingReader(buffer, 0, size),
  };
}

const sample = {
  listener: 1,
  pool: 2,
  server: -1,
  level: 5,
  reason: 7,
  rule: 127,
  retries: 3,
  redispatches: 4,
  dialMs: -1,
  errno: 111,
  phase: 3,
  lastServer: 6,
  queueMs: 1_234,
  queuePosition: 8,
  processActive: 10,
  listenerActive: 11,
  serverActive: 12,
  poolActive: 13,
  startedAtMs: 1_763_725_761_123,
  durationMs: 1e9 + 0.5,
  bytesIn: 2 ** 45 + 1,
  bytesOut: 12,
  packetsIn: 13,
  packetsOut: 14,
};

describe("LogRing", () => {
  it("carries every field and the client id", () => {
    const { writer, reader } = makeRing();
    Object.assign(writer.entry, sample);
    writer.entry.client.set(Array.from({ length: ENDPOINT_SIZE }, (_, i) => i + 1));
    const source = new TextEncoder().encode("..meter-ö..");
    expect(writer.push(source, 2, 8)).toBe(true);
    const { client, clientId, ...fields } = reader.read()!;
    expect(fields).toEqual({ ...sample, detail: new Uint8Array(0) });
    expect([...client]).toEqual(Array.from({ length: ENDPOINT_SIZE }, (_, i) => i + 1));
    expect(new TextDecoder().decode(clientId)).toBe("meter-ö");
    expect(reader.read()).toBeNull();
  });

  it("forgets what is discarded and carries what comes after", () => {
    const { writer, reader } = makeRing();
    for (let i = 0; i < 3; i++) writer.push(new Uint8Array(5), 0, 5);
    reader.discard();
    expect(reader.read()).toBeNull();
    writer.entry.reason = 9;
    writer.push(new Uint8Array(1), 0, 1);
    expect(reader.read()).toMatchObject({ reason: 9 });
  });

  it("keeps the longest client id whole", () => {
    const { writer, reader } = makeRing();
    const longest = new Uint8Array(65_535).map((_, i) => i % 251);
    for (let i = 0; i < 3; i++) expect(writer.push(longest, 0, longest.length)).toBe(true);
    expect(writer.push(longest, 0, longest.length)).toBe(false);
    for (const { clientId } of reader.drain(10)) expect(clientId).toEqual(longest);
    expect(reader.used).toBe(0);
  });

  it("drops when full, and goes on when there is room again", () => {
    const { writer, reader } = makeRing();
    let pushed = 0;
    for (writer.entry.listener = 0; writer.push(new Uint8Array(0), 0, 0); writer.entry.listener++) {
      pushed++;
    }
    expect(pushed).toBe(Math.floor(LOG_RING_SIZE_MIN / 160));
    expect(reader.read()!.listener).toBe(0);
    expect(reader.read()!.listener).toBe(1);
    expect(writer.push(new Uint8Array(0), 0, 0)).toBe(true);
  });

  it("drains no more than it is asked for", () => {
    const { writer, reader } = makeRing();
    for (let i = 0; i < 5; i++) writer.push(new Uint8Array(0), 0, 0);
    expect([...reader.drain(3)]).toHaveLength(3);
    expect([...reader.drain(3)]).toHaveLength(2);
  });

  it("is a queue for any mix of writes and reads, also where positions wrap at 2^32", () => {
    const step = fc.oneof(
      fc.record({ write: fc.constant(true), length: fc.integer({ min: 0, max: 65_535 }) }),
      fc.record({ write: fc.constant(false), length: fc.integer({ min: 1, max: 5 }) }),
    );
    const startAt = fc.constantFrom(0, -(2 ** 18), -(2 ** 19) + 8, 2 ** 31 - 2 ** 17);
    fc.assert(
      fc.property(startAt, fc.array(step, { maxLength: 80 }), (start, steps) => {
        const { writer, reader } = makeRing(LOG_RING_SIZE_MIN, start);
        const queue: { serial: number; length: number }[] = [];
        const source = new Uint8Array(70_000);
        for (const [serial, { write, length }] of steps.entries()) {
          writer.entry.durationMs = serial;
          source.fill(serial);
          if (write && writer.push(source, serial, length)) queue.push({ serial, length });
          for (const record of write ? [] : reader.drain(length)) {
            const expected = queue.shift()!;
            expect(record.durationMs).toBe(expected.serial);
            expect(record.clientId.length).toBe(expected.length);
            expect(record.clientId.every((byte) => byte === (expected.serial & 0xff))).toBe(true);
          }
        }
        expect([...reader.drain(100)].map(({ durationMs }) => durationMs)).toEqual(
          queue.map(({ serial }) => serial),
        );
      }),
      { numRuns: 60 },
    );
  });
});
