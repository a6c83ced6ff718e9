// Writes the reference page and the JSON Schema of fairlead.yaml from the rows of the schema.
//
// Pure: schema in, text out. tests/golden/config-reference.test.ts compares the committed files
// with it; `npx vitest run tests/golden/config-reference.test.ts -u` writes them again.

import * as z from "zod";
import type { FieldKind, Row, TakesEffect } from "../src/config/field.ts";
import { rows } from "../src/config/field.ts";
import { documentSchema } from "../src/config/schema.ts";
import { ANY_ITEM, type KeyDescription, listKeys } from "../src/config/schema-walk.ts";

const KIND_NAMES: Readonly<Record<FieldKind, string>> = {
  duration: "duration",
  size: "size",
  count: "whole number",
  choice: "one word",
  flag: "true or false",
  text: "text",
  texts: "list",
  file: "file",
  networks: "list",
  listen: "address",
  address: "address",
  section: "mapping",
};

const TAKES_EFFECT: Readonly<Record<TakesEffect, string>> = {
  live: "at once, for connections that exist too",
  drain: "for new connections; those that exist end as they began",
  restart: "when Fairlead is started again",
};

/** @returns docs/fairlead.schema.json: JSON Schema 2020-12 of what may stand in the file */
export function writeJsonSchema(): string {
  const schema = z.toJSONSchema(documentSchema, {
    target: "draft-2020-12",
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      const row = rows.get(zodSchema);
      if (row !== undefined) annotate(jsonSchema, row);
    },
  });
  const titled = { title: "fairlead.yaml", ...schema };
  return `${joinShortLists(JSON.stringify(titled, null, 2))}\n`;
}

/** Puts lists of plain values into one line where they fit, as this project's formatter does. */
function joinShortLists(json: string): string {
  return json.replaceAll(
    /^( *)(.*)\[\n([^[\]{}]*?)\n *\](,?)$/gm,
    (whole, indent, key, items, end) => {
      const line = `${indent}${key}[${items.trim().replaceAll(/,\n */g, ", ")}]${end}`;
      return line.length <= LINE_LENGTH_MAX ? line : whole;
    },
  );
}

const LINE_LENGTH_MAX = 100;

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What stands in for any value that is no free text: a reference to the environment. */
const REFERENCE: JsonSchema = { type: "string", pattern: "\\$\\{" };

const FREE_KINDS: readonly FieldKind[] = [
  "section",
  "text",
  "texts",
  "file",
  "networks",
  "listen",
  "address",
];

function annotate(schema: JsonSchema, row: Row): void {
  if (!FREE_KINDS.includes(row.kind)) {
    const { default: preset, anyOf, ...rest } = schema;
    for (const key of Object.keys(schema)) delete schema[key];
    const alternatives = [...(anyOf ?? [rest]), REFERENCE];
    Object.assign(schema, preset === undefined ? {} : { default: preset }, { anyOf: alternatives });
  }
  schema.description = describe(row);
}

function describe(row: Row): string {
  const preset = row.default === null ? "Required." : `Default: ${row.default}.`;
  const bounds = row.bounds === "" ? "" : ` Takes ${row.bounds.replaceAll("`", "")}.`;
  const holds = row.default === "{}" ? "" : ` ${preset}`;
  return `${row.doc.replaceAll("`", "")}${bounds}${holds}`;
}

/** @returns docs/configuration.md */
export function writeReferencePage(): string {
  return `${[INTRODUCTION, ...writeSections(listKeys(documentSchema))].join("\n\n")}\n`;
}

const INTRODUCTION = `# Configuration

<!-- Generated from src/config/schema.ts by scripts/config-reference.ts; do not edit. -->

Fairlead reads one YAML 1.2 file: \`fairlead run fairlead.yaml\`.
\`fairlead check fairlead.yaml\` says everything that is wrong with it, as
\`file:line:column: what is wrong, what was expected\`, and starts nothing.
[\`examples/\`](../examples) has one commented file for each use.

Editors that know the YAML language server complete and check keys when the file starts with
\`# yaml-language-server: $schema=\` and the path or address of
[\`fairlead.schema.json\`](fairlead.schema.json).

- **Durations** have a unit: \`500ms\`, \`2s\`, \`30m\`, \`1h30m\`, \`7d\`. A bare number is
  a mistake.
- **Sizes**: \`64KiB\` is 65,536 bytes, \`64kB\` is 64,000; also \`MiB\`, \`MB\`, \`GiB\`,
  \`GB\`, \`B\`. A bare number is bytes.
- **Addresses**: \`10.0.0.1:1883\`, \`[2001:db8::1]:1883\`, in quotes where YAML wants them;
  for servers also \`broker1.example:1883\`.
- **Environment variables** stand in any value: \`\${NAME}\`, or \`\${NAME:-default}\` for when
  it is not set or empty. Inside \`{ }\` and \`[ ]\` YAML wants quotes around them. \`$\${\` is a
  plain \`\${\`.
- **Anchors, aliases and merge keys** (\`<<: *base\`) work as usual.
- **Takes effect** says when a changed value counts:
${Object.entries(TAKES_EFFECT)
  .map(([name, meaning]) => `  \`${name}\` ${meaning}`)
  .join(";\n")}.`;

function writeSections(keys: readonly KeyDescription[]): readonly string[] {
  const sections = new Map<string, KeyDescription[]>();
  for (const key of keys) {
    const holder = formatKeyPath(key.path.slice(0, -1));
    sections.set(holder, [...(sections.get(holder) ?? []), key]);
  }
  const byPath = new Map(keys.map((key) => [formatKeyPath(key.path), key]));
  return [...sections].map(([holder, members]) => {
    const parent = byPath.get(holder);
    const title = holder === "" ? "## The whole file" : `## \`${holder}\``;
    const doc = parent === undefined ? "" : `\n\n${parent.row.doc}`;
    return `${title}${doc}\n\n${writeTable(members)}`;
  });
}

function writeTable(keys: readonly KeyDescription[]): string {
  const lines = keys.map(({ path, row }) => {
    const preset = row.default === null ? "required" : writePreset(row.default);
    const kind = row.bounds === "" ? KIND_NAMES[row.kind] : writeKind(row);
    const cells = [`\`${path.at(-1)}\``, kind, preset, row.takesEffect, row.doc];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  const head = [
    "| key | value | default | takes effect | what it is for |",
    "|---|---|---|---|---|",
  ];
  return [...head, ...lines].join("\n");
}

function writeKind({ kind, bounds, choices }: Row): string {
  if (kind === "count" && choices.length > 0) return bounds;
  if (kind === "texts" && choices.length > 0) return `list of ${wordsOf(choices)}`;
  if (kind === "choice") return wordsOf(choices);
  return `${KIND_NAMES[kind]}, ${bounds}`;
}

function wordsOf(words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(", ");
}

function writePreset(preset: string): string {
  return preset === "{}" ? "" : /^[\w.:-]+$/.test(preset) ? `\`${preset}\`` : preset;
}

function formatKeyPath(path: readonly string[]): string {
  return path.join(".").replaceAll(`.${ANY_ITEM}`, ANY_ITEM);
}
