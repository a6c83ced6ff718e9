// What holds for the files of every other program that we read: those that run are taken, and mean
// the same once they are converted; of those that are broken every mistake is found where it is.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { writeDocument } from "../../src/cli/convert.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import type { ConfigDocument } from "../../src/config/load-config.ts";
import {
  type LoadedSettings,
  loadSettings,
  type Surroundings,
  settle,
} from "../../src/config/load-settings.ts";
import { readMarks } from "./marks.ts";

/** Where it lies seen from examples/; `convert` writes the path of the installation. */
const SCHEMA = "../docs/fairlead.schema.json";

export interface OtherSyntax {
  /** Of the test, with a slash; `runs/` and `broken/` are in it. */
  readonly folder: string;
  /** `.cfg` */
  readonly ending: string;
  /** Where the files would be, with a slash: everything that they name is looked up from there. */
  readonly home: string;
  readonly surroundings: Surroundings;
  read(file: string, text: string): ConfigDocument;
}

export function describeOtherSyntax(name: string, syntax: OtherSyntax): void {
  const { folder, ending } = syntax;
  const filesIn = (kind: string) =>
    readdirSync(`${folder}${kind}`).filter((file) => file.endsWith(ending));

  describe(`${name} that runs`, () => {
    test.each(filesIn("runs"))("%s", (file) => expectToRun(syntax, file));
  });

  describe(`${name} that is broken`, () => {
    const files = filesIn("broken");

    test("there are at least twenty files", () => {
      expect(files.length).toBeGreaterThanOrEqual(20);
    });

    test.each(files)("%s", (file) => expectMistakes(syntax, file));
  });
}

async function expectToRun(syntax: OtherSyntax, file: string): Promise<void> {
  const { folder, ending, surroundings } = syntax;
  const { path, document, found } = await readFile(syntax, `runs/${file}`);
  const { root } = document.loaded;
  const name = `${folder}runs/${file.replace(ending, "")}`;
  await expect(outputOf(syntax, found)).toMatchFileSnapshot(`${name}.txt`);
  expect(found.settings).not.toBeNull();
  if (root?.kind !== "map") throw new Error(`Cannot convert ${file}`);
  const text = writeDocument(root, { ...document, files: [file] }, SCHEMA);
  await expect(text).toMatchFileSnapshot(`${name}.yaml`);
  const converted = await loadSettings({ file: path, text }, surroundings);
  expect(converted.settings).toEqual(found.settings);
  expect(converted.diagnostics.filter(({ severity }) => severity !== "warning")).toEqual([]);
}

async function expectMistakes(syntax: OtherSyntax, file: string): Promise<void> {
  const { folder, ending } = syntax;
  const { text, path, found } = await readFile(syntax, `broken/${file}`);
  const expected = `${folder}broken/${file.replace(ending, ".txt")}`;
  await expect(outputOf(syntax, found)).toMatchFileSnapshot(expected);
  const own = found.diagnostics.filter((diagnostic) => diagnostic.file === path);
  expect(own.map(({ line, column }) => `${line}:${column}`)).toEqual(readMarks(text));
  expect(found.settings).toBeNull();
}

async function readFile(syntax: OtherSyntax, file: string) {
  const text = readFileSync(`${syntax.folder}${file}`, "utf8");
  const path = `${syntax.home}${file.split("/").at(-1)}`;
  const document = syntax.read(path, text);
  const found = await settle(document.loaded, document.files, syntax.surroundings);
  return { text, path, document, found };
}

function outputOf({ home }: OtherSyntax, { diagnostics }: LoadedSettings): string {
  return `${diagnostics.map(formatDiagnostic).join("\n").replaceAll(home, "")}\n`;
}
