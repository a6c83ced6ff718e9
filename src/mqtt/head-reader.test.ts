import { describe, expect, it } from "vitest";
import { HeadReader } from "./head-reader.ts";

const bytes = (...all: number[]) => Uint8Array.from(all);

describe("HeadReader", () => {
  it("reads fields one after the other", () => {
    const reader = new HeadReader(bytes(1, 1, 2, 1, 2, 3, 4, 0x80, 1, 0, 2, 0x68, 0x69, 9), 14);
    expect([reader.uint(1), reader.uint(2), reader.uint(4)]).toEqual([1, 0x102, 0x01020304]);
    expect([reader.variable(), reader.text(), reader.left]).toEqual([128, "hi", 1]);
    expect([...reader.take(1)!, reader.left, reader.isGood]).toEqual([9, 0, true]);
  });

  it("says that bytes were cut where its packet goes on", () => {
    const cut = (read: (reader: HeadReader) => unknown, ...all: number[]) => {
      const reader = new HeadReader(bytes(...all), 100);
      expect([read(reader), reader.isCut, reader.isMalformed]).toEqual([null, true, false]);
      expect([reader.uint(1), reader.text(), reader.variable()]).toEqual([null, null, null]);
    };
    cut((reader) => reader.uint(2), 1);
    cut((reader) => reader.text(), 0, 5, 65);
    cut((reader) => reader.variable(), 0x80);
  });

  it("says that a packet is malformed where its field has no room", () => {
    const broken = (read: (reader: HeadReader) => unknown, size: number, ...all: number[]) => {
      const reader = new HeadReader(bytes(...all), size);
      expect([read(reader), reader.isCut, reader.isMalformed]).toEqual([null, false, true]);
    };
    broken((reader) => reader.uint(4), 3, 1, 2, 3);
    broken((reader) => reader.binary(), 4, 0, 9, 1, 2);
    broken((reader) => reader.variable(), 1, 0x80);
    broken((reader) => reader.variable(), 9, 0xff, 0xff, 0xff, 0xff, 1);
  });

  it("reads a part and goes on behind it, whatever was read of it", () => {
    const reader = new HeadReader(bytes(1, 2, 3, 4, 5), 5);
    reader.within(3, () => {
      expect([reader.uint(1), reader.left]).toEqual([1, 2]);
    });
    expect([reader.uint(1), reader.left]).toEqual([4, 1]);
    reader.within(2, () => expect.unreachable());
    expect(reader.isMalformed).toBe(true);
  });

  it("gives what is no UTF-8 as replaced", () => {
    expect(new HeadReader(bytes(0, 2, 0xff, 0x61), 4).text()).toBe("\u{fffd}a");
  });
});
