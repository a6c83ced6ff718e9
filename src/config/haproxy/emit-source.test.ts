import { expect, test } from "vitest";
import { at, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

const source = (words: string) => {
  const { plain, said } = poolOf(`  balance first\n  source ${words}`);
  return { source: at(plain, "source"), said };
};

test.each([
  ["10.0.0.5", "10.0.0.5"],
  ["10.0.0.5:0", "10.0.0.5"],
  ["[2001:db8::5]:0", "2001:db8::5"],
  ["0.0.0.0", undefined],
  ["0.0.0.0 usesrc clientip", "client"],
  ["0.0.0.0 usesrc client", "client"],
])("source %s", (words, expected) => expect(source(words).source).toBe(expected));

test("ports of source are left to the kernel, which has them anew for each server", () => {
  expect(source("10.0.0.5:1025-65000")).toEqual({
    source: "10.0.0.5",
    said: [expect.stringMatching(/notice: the kernel chooses .* ports "1025-65000"/)],
  });
});

test.each([
  "eth0",
  "10.0.0.5:7",
  "0.0.0.0 interface eth0",
  "0.0.0.0 usesrc 10.0.0.1",
  "0.0.0.0 usesrc",
])("source %s is refused", (words) =>
  expect(source(words)).toMatchObject({ source: undefined, said: [expect.anything()] }),
);
