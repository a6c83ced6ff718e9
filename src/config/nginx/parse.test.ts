import { expect, test } from "vitest";
import { formatDiagnostic } from "../diagnostic.ts";
import { Report } from "../import/report.ts";
import type { Directive } from "./directive.ts";
import { parse } from "./parse.ts";

const FILES: Readonly<Record<string, string>> = {
  "a.conf": "inside 1;",
  "again.conf": "include again.conf;",
};

function show({ name, args, block }: Directive): string {
  const words = [name, ...args].map(({ text }) => text).join(" ");
  return block === null ? `${words};` : `${words} { ${block.map(show).join(" ")} }`;
}

function parsed(text: string) {
  const report = new Report();
  const { directives, isCut } = parse(
    { file: "x.conf", text },
    {
      report,
      include: (name) => [{ file: name, text: FILES[name] ?? null }],
      isDirective: (name) => name === "listen" || name === "proxy_pass",
    },
  );
  const said = report.diagnostics.map((each) => formatDiagnostic(each).replace("x.conf:", ""));
  return { shown: directives.map(show).join(" "), said, isCut };
}

test.each([
  ["a 1; b { c; d { e 2 3; } } f;", "a 1; b { c; d { e 2 3; } } f;"],
  ["a { include a.conf; }", "a { inside 1; }"],
  ["", ""],
])("%s", (text, shown) => expect(parsed(text)).toEqual({ shown, said: [], isCut: false }));

test.each([
  ["listen 1\nproxy_pass a;", "2:1", "listen 1; proxy_pass a;"],
  ["a { b c }", "1:9", "a { b c; }"],
  ["a; } b;", "1:4", "a; b;"],
  ["a { b;", "1:1", "a { b; }"],
  ["a; ; b;", "1:4", "a; b;"],
  ["include none.conf;", "1:9", ""],
  ["include;", "1:1", ""],
  ["include a.conf b;", "1:16", ""],
])("%j is one mistake, and repaired", (text, place, shown) => {
  const found = parsed(text);
  expect(found.said).toHaveLength(1);
  expect(found.said[0]).toMatch(new RegExp(`^${place}:`));
  expect(found.shown).toBe(shown);
});

test("a file that includes itself is read once", () => {
  expect(parsed("include again.conf;").said).toEqual([
    'again.conf:1:9: "again.conf" includes itself',
  ]);
});

test("blocks inside each other have an end", () => {
  const { said, isCut } = parsed("a {".repeat(50));
  expect(isCut).toBe(true);
  expect(said).toHaveLength(1);
});
