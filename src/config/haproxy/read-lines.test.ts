import { expect, test } from "vitest";
import { Report } from "../import/report.ts";
import { readLines } from "./read-lines.ts";
import { Variables } from "./variables.ts";
import { parseVersion } from "./version.ts";

function read(...texts: readonly string[]) {
  const report = new Report();
  const reading = {
    variables: new Variables({ A: "1" }),
    version: parseVersion("3.2")!,
    opensslVersion: "3.0.13",
    report,
  };
  const sources = texts.map((text, index) => ({ file: `${index}.cfg`, text }));
  const { lines, comments } = readLines(sources, reading);
  return {
    lines: lines.map(({ words }) => words.map((word) => word.text).join(" ")),
    comments: comments.map(({ text, of }) => `${of.file}:${of.line} ${text}`),
    said: report.diagnostics.map(({ file, line, column }) => `${file}:${line}:${column}`),
  };
}

test("keeps lines that count, with comments at the line that they belong to", () => {
  const text = "# one\n\n# two\nglobal # three\n\n  daemon\n# end\n";
  const { lines, comments } = read(text);
  expect(lines).toEqual(["global", "daemon"]);
  expect(comments).toEqual([
    "0.cfg:0 one",
    "0.cfg:0 ",
    "0.cfg:0 two",
    "0.cfg:0 three",
    "0.cfg:9 end",
  ]);
});

test("reads several files as one", () => {
  expect(read("global\n", "\uFEFFdefaults\r\n").lines).toEqual(["global", "defaults"]);
});

test("decides blocks, one branch of each", () => {
  const text =
    ".if 0\na '\n.elif 1\nb\n.elif 1\nc\n.else\nd\n.endif\n" +
    ".if 0\n.if 1\ne\n.else\nf\n.endif\n.endif\n";
  expect(read(text)).toMatchObject({ lines: ["b"], said: [] });
});

test("reports blocks without an end, or without a beginning", () => {
  expect(read(".endif\n.else\n.if 1\nx\n").said).toEqual(["0.cfg:1:1", "0.cfg:2:1", "0.cfg:3:1"]);
  expect(read(`${".if 1\n".repeat(17)}${".endif\n".repeat(17)}`).said).toEqual(["0.cfg:17:1"]);
});

test("no branch of a condition that cannot be read counts, and it is reported once", () => {
  expect(read(".if what()\na\n.else\nb\n.endif\n")).toMatchObject({
    lines: [],
    said: ["0.cfg:1:5"],
  });
  expect(read('.if streq("$A",1\na\n.endif\n').said).toEqual(["0.cfg:1:5"]);
});

test("the environment changes from the line on that says so, in the global section", () => {
  const first = 'global\nsetenv B 2\npresetenv A 9\nx "$A$B"\nunsetenv A\n';
  const text = `${first}x "\${A-none}"\nresetenv\nx "\${B-none}"\n`;
  expect(read(text).lines.filter((line) => line.startsWith("x"))).toEqual([
    "x 12",
    "x none",
    "x none",
  ]);
  expect(read(`defaults\nsetenv B 2\nx "\${B-none}"\n`).lines.at(-1)).toBe("x none");
});

test("says what the file says, and warns of variables that nobody has set", () => {
  expect(read('.alert "no"\n.warning a\n.notice b\n.diag c\n.what\nx "$NONE"\n').said).toEqual([
    "0.cfg:1:1",
    "0.cfg:2:1",
    "0.cfg:3:1",
    "0.cfg:5:1",
    "0.cfg:6:4",
  ]);
});
