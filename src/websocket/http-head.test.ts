import { describe, expect, test } from "vitest";
import {
  HEAD_MALFORMED,
  HEAD_NEEDS_MORE,
  HEAD_TOO_LARGE,
  type HttpHead,
  hasMember,
  isToken,
  membersOf,
  readHttpHead,
} from "./http-head.ts";

function read(text: string, sizeMax = 200): HttpHead | number {
  // Other bytes around it must not be looked at.
  const bytes = Uint8Array.from(`\r\n\r\n${text}\r\n\r\n`, (c) => c.charCodeAt(0));
  return readHttpHead(bytes, 4, text.length, sizeMax);
}

function readWhole(text: string): HttpHead {
  const head = read(text);
  if (typeof head === "number") throw new Error(`Cannot read head: ${head}`);
  return head;
}

describe("readHttpHead", () => {
  test("reads the start line and the fields, and stops behind the empty line", () => {
    const text = "GET / HTTP/1.1\r\nHost:  a.example\t\r\nX-Empty:\r\nx-colon: a:b\r\n\r\n";
    const head = readWhole(`${text}frames\r\n\r\n`);
    expect([head.size, head.startLine]).toEqual([text.length, "GET / HTTP/1.1"]);
    expect([...head.fields]).toEqual([
      ["host", "a.example"],
      ["x-empty", ""],
      ["x-colon", "a:b"],
    ]);
  });

  test("joins fields of one name", () => {
    const head = readWhole("GET / HTTP/1.1\r\nA: 1\r\nb: 2\r\na: 3\r\n__proto__: x\r\n\r\n");
    expect(head.fields.get("a")).toBe("1, 3");
    expect(head.fields.get("__proto__")).toBe("x");
  });

  test("needs more of every prefix", () => {
    const text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (let size = 0; size < text.length; size++) {
      expect(read(text.slice(0, size))).toBe(HEAD_NEEDS_MORE);
    }
    expect(readWhole(text).size).toBe(text.length);
    expect(readWhole("GET / HTTP/1.1\r\n\r\n").fields.size).toBe(0);
  });

  test.each([
    ["MQTT", "\x10\x0c"],
    ["TLS", "\x16\x03\x01"],
    ["an empty line first", "\r"],
    ["a blank first", " "],
    ["a line that ends in LF", "GET / HTTP/1.1\nHost"],
    ["an LF on its own", "GET / HTTP/1.1\r\nHost: a\r\n\n"],
    ["a CR in a value", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n"],
    ["a NUL in a value", "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n"],
    ["a DEL in the start line", "GET /\x7f HTTP/1.1\r\n\r\n"],
    ["a folded line", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"],
    ["a blank before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"],
    ["a name that is no token", "GET / HTTP/1.1\r\nHo(st: a\r\n\r\n"],
    ["no name", "GET / HTTP/1.1\r\n: a\r\n\r\n"],
    ["no colon", "GET / HTTP/1.1\r\nHost\r\n\r\n"],
  ])("refuses %s", (_name, text) => {
    expect(read(text)).toBe(HEAD_MALFORMED);
  });

  test("refuses what is over the limit, as soon as that is sure", () => {
    const text = `GET / HTTP/1.1\r\nX: ${"x".repeat(176)}\r\n\r\n`;
    expect(text.length).toBe(199);
    expect(readWhole(text).size).toBe(199);
    expect(read(text, 199)).not.toBe(HEAD_TOO_LARGE);
    expect(read(text, 198)).toBe(HEAD_TOO_LARGE);
    expect(read(text.slice(0, 198), 198)).toBe(HEAD_TOO_LARGE);
    expect(read(text.slice(0, 197), 198)).toBe(HEAD_NEEDS_MORE);
  });

  test("does not choke on many blanks", () => {
    const text = `GET / HTTP/1.1\r\nX: ${" ".repeat(60_000)}x${" ".repeat(60_000)}\r\n\r\n`;
    const head = read(text, 200_000);
    expect(typeof head === "number" ? head : head.fields.get("x")).toBe("x");
  });
});

test("membersOf splits a list, and hasMember finds in it whatever the case", () => {
  const head = readWhole("GET / HTTP/1.1\r\nConnection: keep-alive , Upgrade,\r\n\r\n");
  expect(membersOf(head, "connection")).toEqual(["keep-alive", "Upgrade"]);
  expect(membersOf(head, "upgrade")).toEqual([]);
  expect(hasMember(head, "connection", "upgrade")).toBe(true);
  expect(hasMember(head, "connection", "close")).toBe(false);
});

test("isToken", () => {
  expect(["GET", "M-SEARCH", "x!#$%&'*+.^_`|~9"].map(isToken)).toEqual([true, true, true]);
  expect(["", "a b", "a/b", "a\n", "é"].map(isToken)).toEqual(new Array(5).fill(false));
});
