import { describe, expect, it } from "vitest";
import {
  createTraceRing,
  FROM_SERVER,
  TRACE_KEEP_MAX,
  TRACE_PACKET,
  TraceRingReader,
  TraceRingWriter,
} from "./trace-ring.ts";

function makeRing() {
  const buffer = createTraceRing();
  return { writer: new TraceRingWriter(buffer), reader: new TraceRingReader(buffer) };
}

const SOURCE = Uint8Array.from({ length: 2 * TRACE_KEEP_MAX }, (_, i) => i);

describe("a trace ring", () => {
  it("hands over what was put in, bytes and all", () => {
    const { writer, reader } = makeRing();
    const entry = {
      ...{ kind: TRACE_PACKET, side: FROM_SERVER, connection: 7, serial: 0xffff_fff0 },
      ...{ value: 3, packetSize: 268_435_460, level: 5, atMs: 1_700_000_000_123.25 },
    };
    Object.assign(writer.entry, entry);
    writer.push(SOURCE, 2, 5);
    writer.push(SOURCE, 0, 0);
    expect(reader.read()).toEqual({ ...entry, bytes: Uint8Array.of(2, 3, 4, 5, 6) });
    expect(reader.read()).toEqual({ ...entry, bytes: new Uint8Array(0) });
    expect(reader.read()).toBeNull();
  });

  it("keeps no more of a packet than may be", () => {
    const { writer, reader } = makeRing();
    writer.push(SOURCE, 0, SOURCE.length);
    expect(reader.read()!.bytes).toEqual(SOURCE.slice(0, TRACE_KEEP_MAX));
  });

  it("counts what does not fit, and goes round and round", () => {
    const { writer, reader } = makeRing();
    for (let i = 0; i < 1_000; i++) {
      writer.entry.value = i;
      writer.push(SOURCE, 0, 1_000);
    }
    expect(reader.lost).toBeGreaterThan(0);
    const kept = 1_000 - reader.lost;
    for (let i = 0; i < kept; i++) expect(reader.read()!.value).toBe(i);
    expect(reader.read()).toBeNull();
    for (let i = 0; i < 2_000; i++) {
      writer.entry.value = i;
      writer.push(SOURCE, i, 777);
      expect(reader.read()).toMatchObject({ value: i, bytes: { length: 777 } });
    }
    expect(reader.lost).toBe(1_000 - kept);
  });

  it("counts connections that nobody follows, and forgets at a word", () => {
    const { writer, reader } = makeRing();
    writer.countLeftOut();
    writer.push(SOURCE, 0, 3);
    reader.discard();
    expect([reader.leftOut, reader.read()]).toEqual([1, null]);
  });
});
