import { describe, expect, it } from "vitest";
import * as code from "./code-rules.ts";
import * as exports from "./export-rules.ts";
import * as imports from "./import-rules.ts";
import * as page from "./page-rules.ts";
import { parseSource, type SourceFile } from "./source-file.ts";
import * as waiting from "./waiting-rules.ts";

interface Case {
  readonly rule: (source: SourceFile) => readonly string[];
  /** Where the page would lie. */
  readonly path: string;
  readonly refused: readonly string[];
  readonly passed: readonly string[];
}

const cases: readonly Case[] = [
  {
    rule: imports.checkFolderImports,
    path: "src/relay/a.ts",
    refused: [
      `import { A } from "../io/epoll-io.ts";`,
      `import type { A } from "../config/settings.ts";`,
      `import "../mqtt/b.test.ts";`,
      `import "../../tests/process/ports.ts";`,
      `const a = await import("../supervisor/a.ts");`,
    ],
    passed: [
      `import "../io/io.ts"; import "../mqtt/b.ts"; import "./b.ts"; import "../assert.ts";`,
    ],
  },
  { rule: imports.checkFolderImports, path: "src/unheard-of/a.ts", refused: [""], passed: [] },
  {
    rule: imports.checkPackageImports,
    path: "src/io/a.ts",
    refused: [`import koffi from "koffi";`, `import net from "node:net";`, `import "left-pad";`],
    passed: [`import os from "node:os";`],
  },
  {
    rule: imports.checkPackageImports,
    path: "src/mqtt/a.ts",
    refused: [`import os from "node:os";`, `import { parser } from "mqtt-packet";`],
    passed: [`import "../bytes/endpoint.ts";`],
  },
  {
    rule: imports.checkBarrels,
    path: "src/io/a.ts",
    refused: [`export * from "./b.ts";`, `export { b } from "./b.ts";`],
    passed: [`export const a = 1; export { a as b };`],
  },
  {
    rule: imports.checkCloseCalls,
    path: "src/io/a.ts",
    refused: [`import { close as end } from "../linux/libc.ts"; end(1); end(2);`],
    passed: [
      `import { close } from "../linux/libc.ts"; close(1); const io = { close() {} }; io.close();`,
    ],
  },
  {
    rule: page.checkOpening,
    path: "src/io/a.ts",
    refused: ["const a = 1;", "// a", "\n// Says what it is, too late."],
    passed: ["// Says what it is and what bounds it.", "#!/bin/sh\n// Says what it is, all right."],
  },
  {
    rule: page.checkLineWidth,
    path: "src/io/a.ts",
    refused: [`// ${"x".repeat(98)}`],
    passed: [
      `// ${"x".repeat(97)}`,
      `// ${"│".repeat(97)}`,
      `// https://a.example/${"x".repeat(98)}`,
    ],
  },
  {
    rule: page.findLongFunctions,
    path: "src/io/a.ts",
    refused: [`function a() {${"\n".repeat(70)}}`, `const a = () => {${"\n".repeat(70)}};`],
    passed: [`function a() {${"\n".repeat(69)}}`],
  },
  {
    rule: page.checkNames,
    path: "src/io/a.ts",
    refused: [
      "const data = 1;",
      "class SocketManager {}",
      "function parseUtils() {}",
      "(info) => 1;",
    ],
    passed: ["const dataOffset = 1;", "interface Manage { readonly info: number }"],
  },
  { rule: page.checkNames, path: "src/io/byte-utils.ts", refused: [""], passed: [] },
  {
    rule: page.checkLeftovers,
    path: "src/io/a.ts",
    refused: ["// FIXME: later"],
    passed: ["// fix"],
  },
  {
    rule: code.checkDataPlaneBans,
    path: "src/relay/a.ts",
    refused: [
      "async function a() {}",
      "setTimeout(a, 1);",
      "const now = Date.now();",
      "const dice = Math.random();",
      "const a = Buffer.alloc(1);",
      "let a: Promise<void>;",
    ],
    passed: ["io.setDeadline(1, 2); const a = { setTimeout: 1 }; Math.max(1, 2);"],
  },
  {
    rule: code.checkDataPlaneBans,
    path: "src/worker.ts",
    refused: ["const dice = setTimeout(a, 1);"],
    passed: ["const clock = () => performance.now();"],
  },
  {
    rule: code.checkDataPlaneBans,
    path: "src/health/a.ts",
    refused: [],
    passed: ["setTimeout(a, 1);"],
  },
  {
    rule: code.checkErrorMessages,
    path: "src/config/a.ts",
    refused: [
      `new Error("cannot open");`,
      `new TypeError("Cannot open.");`,
      `new Error(\`Cannot open \${a}.\`);`,
    ],
    passed: [
      `new Error("Cannot open");`,
      `new Error(\`Cannot open \${a}\`);`,
      `new Error(sentence);`,
    ],
  },
  {
    rule: code.checkAssertions,
    path: "src/config/a.ts",
    refused: ["assert(a);", `assert(a, \`b \${c}\`);`, `assert(a, "A period.");`],
    passed: [`assert(a, "a holds");`],
  },
  {
    rule: code.checkAssertionCount,
    path: "src/io/a.ts",
    refused: ["function a() {}\n".repeat(8)],
    passed: ["function a() {}\n".repeat(7), `${"function a() {}\n".repeat(8)}assert(a, "b");`],
  },
  {
    rule: code.checkSilentCatches,
    path: "src/config/a.ts",
    refused: ["try { a(); } catch {}", "try { a(); } catch { b(); }", "a().catch(() => {});"],
    passed: [
      "try { a(); } catch { /* gone already */ }",
      "a().catch(() => b());",
      "const a = () => {};",
    ],
  },
  {
    rule: code.checkSkippedTests,
    path: "src/config/a.test.ts",
    refused: ["it.skip();", "describe.only();", "test.todo();", "it.skipIf(a)();"],
    passed: ["it();", "it.each([])();"],
  },
  {
    rule: code.checkTimedAssertions,
    path: "src/config/a.test.ts",
    refused: ["expect(elapsedMs).toBeLessThan(5);", "expect(Date.now() - a).toBeGreaterThan(1);"],
    passed: ["expect(count).toBeLessThan(5);", "expect(elapsedMs).toBe(clock.now);"],
  },
  {
    rule: waiting.checkOwnLimits,
    path: "src/config/a.test.ts",
    refused: [
      "it(a, () => {}, 60_000);",
      "it.each([1])(a, () => {}, 5);",
      "beforeAll(() => {}, START_MS);",
      "vi.waitFor(() => a);",
      "expect.poll(() => a, { timeout: 1 }).toBe(2);",
    ],
    passed: ["it(a, () => {});", "it.each([1, 2])(a, () => {});", "expect.poll(() => a).toBe(2);"],
  },
  {
    rule: (source: SourceFile) => waiting.findSleepers([source]),
    path: "tests/process/a.ts",
    refused: [
      "setTimeout(a, 1);",
      `import { setTimeout as pause } from "node:timers/promises"; await pause(1);`,
    ],
    passed: ["await waitUntil(a, b);", "clock.setTimeout(a, 1);"],
  },
  {
    rule: waiting.checkHastyAssertions,
    path: "tests/process/a.test.ts",
    refused: [
      "expect(await fetchEnded(a, b)).toBe(1);",
      "expect(await fairlead.fetchMetric(a)).toBe(1);",
      "expect(arrivalsAt(broker)).toHaveLength(1);",
      "expect(fairlead.log.filter(a)).toHaveLength(1);",
    ],
    passed: [
      "await expect.poll(() => fetchEnded(a, b)).toBe(1);",
      "expect(fairlead.log.filter(a)).toEqual([]);",
      "expect(broker.logLines).not.toContain(a);",
    ],
  },
];

it.each(cases)("$rule.name tells bad from good in $path", ({ rule, path, refused, passed }) => {
  for (const text of refused) expect(rule(parseSource(path, text)), text).not.toEqual([]);
  for (const text of passed) expect(rule(parseSource(path, text)), text).toEqual([]);
});

it("checkCycles finds the way round, and only that", () => {
  const a = parseSource("src/io/a.ts", `import "./b.ts"; import "./c.ts";`);
  const b = parseSource("src/io/b.ts", `import type { C } from "./c.ts";`);
  const leaf = parseSource("src/io/c.ts", "");
  expect(imports.checkCycles([a, b, leaf])).toEqual([]);
  const back = parseSource("src/io/c.ts", `import "./a.ts";`);
  expect(imports.checkCycles([a, b, back])).toContain(
    "Import cycle: src/io/a.ts -> src/io/b.ts -> src/io/c.ts -> src/io/a.ts",
  );
});

it("checkDeadFiles knows imports, URLs and entries", () => {
  const main = parseSource("src/main.ts", `new URL("./worker.js", import.meta.url);`);
  const worker = parseSource("src/worker.ts", `import "./io/a.ts";`);
  const used = parseSource("src/io/a.ts", "");
  const test = parseSource("src/io/b.test.ts", `import "./b.ts";`);
  const dead = parseSource("src/io/b.ts", "");
  const complaints = imports.checkDeadFiles([main, worker, used, test, dead], {
    "src/main.ts": "",
  });
  expect(complaints).toEqual(["src/io/b.ts: nothing that ships imports it"]);
});

it("checkExactNames wants the file with its ending", () => {
  const source = parseSource("src/io/a.ts", `import "./b"; import "./b.js"; import "./b.ts";`);
  expect(imports.checkExactNames(source, new Set(["src/io/b.ts"]))).toHaveLength(2);
});

it("findUntypedFiles, findUntestedFiles and findLongFiles name the file", () => {
  const source = parseSource("src/io/a.ts", `export function a(b: any) {}${"\n".repeat(501)}`);
  expect(code.findUntypedFiles([source])).toEqual(["src/io/a.ts"]);
  expect(page.findUntestedFiles([source])).toEqual(["src/io/a.ts"]);
  expect(page.findLongFiles([source])).toEqual(["src/io/a.ts"]);
  const types = parseSource("src/io/a.ts", "export interface A { b(): void }");
  const test = parseSource("src/io/a.test.ts", "");
  expect(page.findUntestedFiles([types])).toEqual([]);
  expect(page.findUntestedFiles([source, test])).toEqual([]);
});

describe("the rules on exports", () => {
  const check = (files: Readonly<Record<string, string>>) => {
    const sources = Object.entries(files).map(([path, text]) => parseSource(path, text));
    return [...exports.checkNeedlessExports(sources), ...exports.checkDeadExports(sources)];
  };

  it("let pass what ships uses, in another file or in its own, and whole namespaces", () => {
    const one = "export const a = 1; export function b() { return a; }";
    const test = { "src/io/one.test.ts": `import { a } from "./one.ts";` };
    const user = { "src/io/two.ts": `import { b } from "./one.ts";` };
    expect(check({ "src/io/one.ts": one, ...test, ...user })).toEqual([]);
    expect(
      check({ "src/io/one.ts": one, "bench/a.js": `import "../dist/io/one.js";` }),
    ).toHaveLength(1);
    expect(
      check({ "src/io/one.ts": one, "src/io/two.ts": `import * as x from "./one.ts";` }),
    ).toEqual([]);
    expect(check({ "src/io/one.ts": one, "src/io/two.ts": `await import("./one.ts");` })).toEqual(
      [],
    );
  });

  it("let pass types of a signature, and what users import", () => {
    const types = "export interface A { b: B } export type B = 1; export const c = (a: A) => a;";
    const user = { "src/io/two.ts": `import { c } from "./one.ts";` };
    expect(check({ "src/io/one.ts": types, ...user })).toEqual([]);
    expect(check({ "src/policy/policy.ts": "export const a = 1;" })).toEqual([]);
  });

  it("find what nobody imports, and what only tests do", () => {
    const test = { "src/io/one.test.ts": `import { a } from "./one.ts";` };
    expect(check({ "src/io/one.ts": "export const a = { a: 1 };", ...test })).toEqual([
      "src/io/one.ts: nothing that ships uses a",
    ]);
    expect(check({ "tests/one.ts": "export const a = 1; a.a();" })).toEqual([
      "tests/one.ts: nobody imports a; keep it to the file",
    ]);
    expect(check({ "src/io/one.ts": "export type A = 1;" })).toEqual([
      "src/io/one.ts: nobody imports A; keep it to the file",
      "src/io/one.ts: nothing that ships uses A",
    ]);
  });
});
