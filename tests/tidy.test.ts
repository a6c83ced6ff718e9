import { existsSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import * as code from "./tidy/code-rules.ts";
import * as exceptions from "./tidy/exceptions.ts";
import * as exports from "./tidy/export-rules.ts";
import * as imports from "./tidy/import-rules.ts";
import * as page from "./tidy/page-rules.ts";
import {
  listPages,
  PROJECT_ROOT,
  readProjectFile,
  readProjectSources,
} from "./tidy/source-file.ts";
import * as waiting from "./tidy/waiting-rules.ts";

const sources = readProjectSources();
const paths = new Set(sources.map(({ path }) => path));

/** @returns the names of the folders in a folder of the project */
function listFolders(folder: string): string[] {
  return readdirSync(join(PROJECT_ROOT, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

// Compares what a rule found with what the list lets pass, both ways. A path that ends in a slash
// lets a whole folder pass.
function expectOnly(found: readonly string[], listed: exceptions.Exceptions): void {
  const passes = (path: string, key: string): boolean =>
    key.endsWith("/") ? path.startsWith(key) : path === key;
  const keys = Object.keys(listed);
  expect(found.filter((path) => !keys.some((key) => passes(path, key)))).toEqual([]);
  const unneeded = keys.filter((key) => !found.some((path) => passes(path, key)));
  expect(unneeded, "exceptions that nothing needs").toEqual([]);
}

describe("imports", () => {
  it("between folders are those of the table", () => {
    expect(sources.flatMap(imports.checkFolderImports)).toEqual([]);
  });

  it("of packages and node: modules stay in their rooms", () => {
    expect(sources.flatMap(imports.checkPackageImports)).toEqual([]);
  });

  it("name the exact file", () => {
    expect(sources.flatMap((source) => imports.checkExactNames(source, paths))).toEqual([]);
  });

  it("are never handed on", () => {
    expect(sources.flatMap(imports.checkBarrels)).toEqual([]);
  });

  it("have no cycles", () => {
    expect(imports.checkCycles(sources)).toEqual([]);
  });

  it("reach every file that ships", () => {
    expect(imports.checkDeadFiles(sources, exceptions.ENTRY_FILES)).toEqual([]);
  });
});

describe("exports", () => {
  it("are imported", () => {
    expect(exports.checkNeedlessExports(sources)).toEqual([]);
  });

  it("serve something that ships", () => {
    expect(exports.checkDeadExports(sources)).toEqual([]);
  });
});

describe("a page of code", () => {
  it("opens with what it is", () => {
    expect(sources.flatMap(page.checkOpening)).toEqual([]);
  });

  it("is at most 500 lines long", () => {
    expectOnly(page.findLongFiles(sources), exceptions.LONG_FILES);
  });

  it("is at most 100 columns wide", () => {
    expect(sources.flatMap(page.checkLineWidth)).toEqual([]);
  });

  it("has functions of at most 70 lines", () => {
    expectOnly(sources.flatMap(page.findLongFunctions), exceptions.LONG_FUNCTIONS);
  });

  it("uses names that say something", () => {
    expect(sources.flatMap(page.checkNames)).toEqual([]);
  });

  it("has its unit test beside it", () => {
    expectOnly(page.findUntestedFiles(sources), exceptions.UNTESTED_FILES);
  });

  it("leaves nothing for later", () => {
    expect(sources.flatMap(page.checkLeftovers)).toEqual([]);
  });
});

describe("code", () => {
  it("on the data plane has no promises, timers, emitters, clocks or dice", () => {
    expect(sources.flatMap(code.checkDataPlaneBans)).toEqual([]);
  });

  it("has no any", () => {
    expectOnly(code.findUntypedFiles(sources), exceptions.UNTYPED_FILES);
  });

  it("writes error messages that start with the action and end without a period", () => {
    expect(sources.flatMap(code.checkErrorMessages)).toEqual([]);
  });

  it("asserts with literal sentences", () => {
    expect(sources.flatMap(code.checkAssertions)).toEqual([]);
  });

  it("asserts where it keeps records", () => {
    expect(sources.flatMap(code.checkAssertionCount)).toEqual([]);
  });

  it("swallows no error without saying why", () => {
    expect(sources.flatMap(code.checkSilentCatches)).toEqual([]);
  });

  it("closes an fd in one place", () => {
    expect(sources.flatMap(imports.checkCloseCalls)).toEqual([]);
  });
});

describe("tests", () => {
  it("are not skipped", () => {
    expect(sources.flatMap(code.checkSkippedTests)).toEqual([]);
  });

  it("assert no time and no rate", () => {
    expect(sources.flatMap(code.checkTimedAssertions)).toEqual([]);
  });

  it("have no limits of their own", () => {
    expect(sources.flatMap(waiting.checkOwnLimits)).toEqual([]);
  });

  it("let no time pass but where there is a reason", () => {
    expectOnly(waiting.findSleepers(sources), exceptions.SLEEPERS);
  });

  it("wait for what others count and log", () => {
    expect(sources.flatMap(waiting.checkHastyAssertions)).toEqual([]);
  });
});

describe("pages for people", () => {
  const pages = listPages();

  it("cite symbols, never line numbers", () => {
    const anchored = pages.filter((path) => /[\w-]\.(ts|js|md|c|h):\d/.test(readProjectFile(path)));
    expect(anchored).toEqual([]);
  });

  it("link to files that are there", () => {
    const broken = pages.flatMap((path) =>
      [...readProjectFile(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target]) => posix.join(posix.dirname(path), target!))
        .filter((target) => !existsSync(join(PROJECT_ROOT, target)))
        .map((target) => `${path} links to ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it("are listed in docs/README.md", () => {
    const index = readProjectFile("docs/README.md");
    const inDocs = pages.filter((path) => path.startsWith("docs/") && path !== "docs/README.md");
    expect(inDocs.filter((path) => !index.includes(`](${path.slice(5)})`))).toEqual([]);
  });

  it("name every folder in ARCHITECTURE.md", () => {
    const architecture = readProjectFile("ARCHITECTURE.md");
    const ours = listFolders("").filter(
      (name) => !/^(\.|dist$|node_modules$|coverage$)/.test(name),
    );
    const inSources = listFolders("src").flatMap((name) => [
      name,
      ...listFolders(`src/${name}`).map((inner) => `${name}/${inner}`),
    ]);
    const inTests = listFolders("tests").map((name) => `tests/${name}`);
    const folders = [...ours, ...inSources, ...inTests].filter((name) => name !== "src");
    expect(folders.filter((folder) => !architecture.includes(`\`${folder}/\``))).toEqual([]);
  });

  it("cite files of the code that are there", () => {
    const cited = ["ARCHITECTURE.md", "STYLE.md", "CONTRIBUTING.md"].flatMap((page) =>
      [...readProjectFile(page).matchAll(/`([\w./-]+\.(?:ts|js))`/g)].map(([, path]) => path!),
    );
    const isThere = (end: string) => [...paths].some((path) => `/${path}`.endsWith(`/${end}`));
    expect(cited.filter((path) => !isThere(path))).toEqual([]);
  });
});
