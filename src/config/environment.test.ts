// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references are what is tested
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expandReferences } from "./environment.ts";

const ENVIRONMENT = { HOST: "10.0.0.1", PORT: "1883", EMPTY: "", SELF: "${HOST}" };

function expand(text: string) {
  return expandReferences(text, ENVIRONMENT);
}

describe("expandReferences", () => {
  test.each([
    ["${HOST}:${PORT}", "10.0.0.1:1883"],
    ["${HOST:-x}", "10.0.0.1"],
    ["${NOPE:-127.0.0.1:21883}", "127.0.0.1:21883"],
    ["${NOPE:-}", ""],
    ["${EMPTY}", ""],
    ["${EMPTY:-full}", "full"],
    ["${SELF}", "${HOST}"],
    ["a $${HOST} b", "a ${HOST} b"],
    ["$$${HOST}", "$${HOST}"],
    ["$HOST $5 }{", "$HOST $5 }{"],
  ])("%s becomes %s", (text, expanded) => {
    expect(expand(text)).toMatchObject({ text: expanded, mistakes: [] });
  });

  test("tells whether there was a reference", () => {
    expect(expand("${HOST}").referenced).toBe(true);
    expect(expand("$${HOST}").referenced).toBe(false);
    expect(expand("plain").referenced).toBe(false);
  });

  test("reports each variable that is not set, at its place", () => {
    const { mistakes } = expand("x${NOPE}${HOST}${NEITHER}");
    expect(mistakes.map(({ offset }) => offset)).toEqual([1, 15]);
    expect(mistakes[0]?.message).toBe('environment variable "NOPE" is not set');
  });

  test.each(["${}", "${1A}", "${A-B}", "${A:+x}", "${HOST", "${ HOST }"])(
    "%s is no reference",
    (text) => {
      const { mistakes, text: kept } = expand(text);
      expect(mistakes).toHaveLength(1);
      expect(kept).toBe(text);
    },
  );

  test("knows no names but the environment's own", () => {
    expect(expand("${constructor}").mistakes).toHaveLength(1);
    expect(expand("${__proto__}").mistakes).toHaveLength(1);
  });

  test("leaves text without ${ as it is", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes("${"));
        expect(expand(text).text).toBe(text);
      }),
    );
  });
});
