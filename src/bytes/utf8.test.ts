import { describe, expect, test } from "vitest";
import {
  decodeText,
  encodeText,
  findTextFault,
  judgeText,
  TEXT_HAS_NUL,
  TEXT_NOT_UTF8,
  TEXT_OK,
} from "./utf8.ts";

function judge(...bytes: number[]): number {
  // Bytes around it would complete or break characters, were they looked at.
  return judgeText(Uint8Array.from([0xc3, ...bytes, 0x80]), 1, bytes.length);
}

const strict = new TextDecoder("utf-8", { fatal: true });

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch (_error) {
    return false;
  }
}

describe("findTextFault", () => {
  test.each([
    ["a text without a fault: its end", [0x61, 0xc3, 0xa9], 3],
    ["a NUL", [0x61, 0xc3, 0xa9, 0, 0x61], 3],
    ["a byte that begins nothing", [0x61, 0xfc, 0x72], 1],
    ["the beginning of a character that is cut", [0x61, 0xe2, 0x82], 1],
    ["nothing: its end", [], 0],
  ])("points at %s", (_, bytes, at) => {
    expect(findTextFault(Uint8Array.from([0xff, ...bytes, 0x80]), 1, bytes.length)).toBe(1 + at);
  });
});

describe("judgeText", () => {
  test.each([
    ["overlong, two bytes", [0xc0, 0xaf]],
    ["overlong, three bytes", [0xe0, 0x9f, 0xbf]],
    ["overlong, four bytes", [0xf0, 0x8f, 0xbf, 0xbf]],
    ["lowest surrogate", [0xed, 0xa0, 0x80]],
    ["highest surrogate", [0xed, 0xbf, 0xbf]],
    ["over U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["a lead that does not exist", [0xf8, 0x88, 0x80, 0x80]],
    ["a stray continuation", [0x61, 0x80]],
    ["cut short", [0x61, 0xf0, 0x9f, 0x98]],
  ])("%s", (_name, bytes) => {
    expect(judge(...bytes)).toBe(TEXT_NOT_UTF8);
  });

  test("every code point but U+0000 and the surrogates", () => {
    const bytes = new Uint8Array(4);
    for (let code = 1; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const { written } = new TextEncoder().encodeInto(String.fromCodePoint(code), bytes);
      if (judgeText(bytes, 0, written) !== TEXT_OK) expect(code).toBe("well-formed");
    }
  });

  test("agrees with the platform's decoder about every three bytes that matter", () => {
    const bytes = new Uint8Array(3);
    const leads = [
      0x01, 0x7f, 0x80, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf4, 0xff,
    ];
    for (const lead of leads) {
      bytes[0] = lead;
      for (let second = 1; second < 256; second++) {
        bytes[1] = second;
        for (const third of [0x01, 0x7f, 0x80, 0xbf, 0xc0, 0xff]) {
          bytes[2] = third;
          expect([...bytes, judgeText(bytes, 0, 3) === TEXT_OK]).toEqual([...bytes, isUtf8(bytes)]);
        }
      }
    }
  });

  test("a null anywhere, unless something else is wrong before it", () => {
    expect(judge(0)).toBe(TEXT_HAS_NUL);
    expect(judge(0x61, 0xc3, 0xa9, 0)).toBe(TEXT_HAS_NUL);
    expect(judge(0xff, 0)).toBe(TEXT_NOT_UTF8);
    expect(judge(0, 0xff)).toBe(TEXT_HAS_NUL);
  });

  test("no text at all is well-formed", () => {
    expect(judge()).toBe(TEXT_OK);
  });
});

describe("decodeText", () => {
  test("gives back what encodeText took, a byte order mark included", () => {
    const text = "\ufeffaé€😀";
    const bytes = encodeText(text);
    expect(decodeText(Uint8Array.from([1, ...bytes, 1]), 1, bytes.length)).toBe(text);
  });

  test("shows bytes that are no text as U+FFFD", () => {
    expect(decodeText(Uint8Array.of(0x61, 0xff), 0, 2)).toBe("a\ufffd");
  });
});
