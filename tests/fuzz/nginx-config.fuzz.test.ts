// nginx.conf, whole and broken: its reader gives a document or mistakes with their places, whatever
// it is given, and what it gives can be judged.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { checkDocument } from "../../src/config/check-document.ts";
import { type LoadedNginx, loadNginx } from "../../src/config/nginx/load-nginx.ts";
import { filesOf } from "../fixtures/nginx-document.ts";
import { eachCase } from "./each-case.ts";
import type { Random } from "./random.ts";

const FOLDER = fileURLToPath(new URL("../golden/nginx/runs/", import.meta.url));
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".conf"));
const texts = names.map((name) => readFileSync(`${FOLDER}${name}`, "utf8"));
const words = texts.flatMap((text) => text.match(/[;{}]|[^\s;{}]+/g) ?? []);

const FILES = filesOf({ "a.conf": "include b.conf;", "b.conf": "include a.conf;" });

function load(text: string): LoadedNginx {
  const loaded = loadNginx({ file: "x.conf", text }, { files: FILES, workingDirectory: "/" });
  const lines = text.split("\n");
  for (const { file, line, column, message } of loaded.diagnostics) {
    expect(message).not.toBe("");
    if (file !== "x.conf") continue;
    expect(lines[line - 1]).toBeDefined();
    expect(column).toBeGreaterThan(0);
    expect(column).toBeLessThanOrEqual(lines[line - 1]!.length + 1);
  }
  if (loaded.root === null) expect(loaded.diagnostics).not.toEqual([]);
  else checkDocument("x.conf", loaded.root);
  return loaded;
}

/** A few words, in an order that may make sense. */
function someWords(random: Random): string {
  const count = 1 + random.below(40);
  const separators = [" ", " ", " ", "\n", "", "; "];
  return Array.from({ length: count }, () => {
    return random.pick(words) + random.pick(separators);
  }).join("");
}

describe("nginx.conf", () => {
  it.each(names.map((name, index) => [name, texts[index]!]))("every beginning of %s", (_, text) => {
    // Nothing changes inside of words.
    for (const { index } of text.matchAll(/\b/g)) load(text.slice(0, index));
  });

  it("with something taken out, put in or doubled", () => {
    eachCase(400, (random) => {
      const text = random.pick(texts);
      const [from, to] = [random.below(text.length), random.below(text.length)].toSorted((a, b) => {
        return a - b;
      }) as [number, number];
      const middle = random.pick(["", someWords(random), text.slice(from, to).repeat(2), '"', "}"]);
      load(text.slice(0, from) + middle + text.slice(Math.min(to, from + 40)));
    });
  });

  it("of words that come as they like", () => {
    eachCase(400, (random) => {
      load(`stream { ${someWords(random)} server { ${someWords(random)}`);
      load(someWords(random));
    });
  });

  it("of any bytes", () => {
    eachCase(400, (random) => {
      const bytes = random.bytes(random.below(200));
      load(`stream {${new TextDecoder("latin1").decode(new Uint8Array(bytes))}`);
    });
  });
});
