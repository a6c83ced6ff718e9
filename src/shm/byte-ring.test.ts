import { expect, test } from "vitest";
import { ByteRingReader, ByteRingWriter } from "./byte-ring.ts";
import { LOG_HEAD, LOG_HEADER_SIZE, LOG_TAIL } from "./layout.ts";

const SIZE = 256;

class Writer extends ByteRingWriter {
  /** A record of so many bytes with a number in it, published unless it is held back. */
  put(size: number, value: number, publishes = true): boolean {
    const at = this.reserve(size);
    if (at < 0) return false;
    this.ints[(at >> 2) + 1] = value;
    if (publishes) this.publish();
    return true;
  }
}

class Reader extends ByteRingReader {
  take(): number | null {
    const at = this.oldest();
    if (at < 0) return null;
    const value = this.ints[(at >> 2) + 1]!;
    this.release();
    return value;
  }
}

/** @param startAt bytes that have gone through before: counts wrap at 2^32 */
function makeRing(startAt = 0) {
  const buffer = new SharedArrayBuffer(LOG_HEADER_SIZE + SIZE);
  const header = new Int32Array(buffer, 0, 2);
  header[LOG_HEAD] = startAt;
  header[LOG_TAIL] = startAt;
  return { writer: new Writer(buffer, 0, SIZE), reader: new Reader(buffer, 0, SIZE) };
}

test("records come out whole and in order, round and round, past 2^32", () => {
  const { writer, reader } = makeRing(-1024);
  for (let value = 0; value < 500; value++) {
    const size = 8 + ((value * 13) % 100);
    expect(writer.put(size, value)).toBe(true);
    expect([reader.take(), reader.take()]).toEqual([value, null]);
  }
});

test("a full ring says so, and has room again once somebody has read", () => {
  const { writer, reader } = makeRing();
  let count = 0;
  while (writer.put(24, count)) count++;
  expect([count, writer.used]).toEqual([10, 240]);
  expect(writer.put(16, count)).toBe(true);
  expect(writer.put(8, 0)).toBe(false);
  expect([reader.take(), writer.put(24, 99)]).toEqual([0, true]);
});

test("a record is nobody's to read before it is published", () => {
  const { writer, reader } = makeRing();
  expect(writer.put(16, 1, false)).toBe(true);
  expect(reader.take()).toBeNull();
  writer.put(16, 2);
  expect([reader.take(), reader.take()]).toEqual([2, null]);
});

test("discard leaves nothing", () => {
  const { writer, reader } = makeRing();
  writer.put(16, 1);
  writer.put(16, 2);
  reader.discard();
  expect([reader.used, reader.take()]).toEqual([0, null]);
});
