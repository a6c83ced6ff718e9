import { describe, expect, it } from "vitest";
import { Cursor } from "./cursor.ts";

function cursor(...bytes: number[]): Cursor {
  return new Cursor(Buffer.from(bytes), 0);
}

function textCursor(text: Uint8Array | string): Cursor {
  const bytes = Buffer.from(text);
  return new Cursor(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length]), bytes]), 0);
}

describe("Cursor", () => {
  it("reads integers one after the other", () => {
    const fields = cursor(1, 2, 3, 0xff, 0xff, 0xff, 0xfe);
    expect([fields.uint8(), fields.uint16(), fields.uint32()]).toEqual([1, 0x203, 0xfffffffe]);
    expect([fields.left, fields.failed]).toEqual([0, false]);
  });

  it("fails at the first field that is cut off, and stays failed", () => {
    const fields = cursor(1, 2, 3);
    fields.uint16();
    expect([fields.uint16(), fields.failed, fields.uint8()]).toEqual([0, true, 0]);
  });

  it("does not read beyond the end it is given", () => {
    const fields = new Cursor(Buffer.from([0, 2, 97, 98]), 0, 3);
    expect(fields.text()).toBe("");
    expect(fields.failed).toBe(true);
  });

  it.each([
    [[0x00], 0],
    [[0x7f], 127],
    [[0x80, 0x01], 128],
    [[0xff, 0xff, 0xff, 0x7f], 268_435_455],
  ])("reads the variable byte integer %j", (bytes, value) => {
    const fields = cursor(...bytes);
    expect([fields.variableInt(), fields.failed]).toEqual([value, false]);
  });

  it.each([[[0x80, 0x00]], [[0x80]], [[0x80, 0x80, 0x80, 0x80, 0x01]]])(
    "refuses the variable byte integer %j",
    (bytes) => {
      const fields = cursor(...bytes);
      fields.variableInt();
      expect(fields.failed).toBe(true);
    },
  );

  it.each([
    "",
    "plain",
    "ü",
    "漢字",
    "\u{1f600}",
    "\ufeffx",
    "x".repeat(300),
    `${"x".repeat(80)}ü`,
  ])("reads the text %j", (text) => {
    const fields = textCursor(text);
    expect([fields.text(), fields.failed, fields.left]).toEqual([text, false, 0]);
  });

  it.each([
    ["NUL [MQTT-1.5.4-2]", "a\0b"],
    ["NUL in a long text", `${"x".repeat(80)}\0`],
    ["a lone continuation byte", Uint8Array.of(0x80)],
    ["an overlong form", Uint8Array.of(0xc0, 0xaf)],
    ["a surrogate [MQTT-1.5.4-1]", Uint8Array.of(0xed, 0xa0, 0x80)],
    ["a sequence cut off", Uint8Array.of(0xe6, 0xbc)],
  ])("refuses text with %s", (_, text) => {
    const fields = textCursor(text);
    fields.skipText();
    expect(fields.failed).toBe(true);
  });

  it("steps over binary data, whatever is in it", () => {
    const fields = cursor(0, 3, 0, 0x80, 0xff, 9);
    expect([fields.skipBinary(), fields.at, fields.uint8()]).toEqual([2, 5, 9]);
  });
});
