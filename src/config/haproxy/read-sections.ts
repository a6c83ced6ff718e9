// Groups lines into sections and looks each keyword up in the table of its section. What a proxy
// inherits is copied when it begins, as HAProxy does: a defaults section below it says nothing.

import { nearest } from "../explain.ts";
import type { Report } from "../import/report.ts";
import type { Line, Word } from "../import/word.ts";
import type { KeywordRow, KeywordTable } from "./keyword-row.ts";
import { GLOBAL_KEYWORDS } from "./keywords/global-keywords.ts";
import { OTHER_KEYWORDS } from "./keywords/other-keywords.ts";
import { HTTP_KEYWORDS, PROXY_KEYWORDS } from "./keywords/proxy-keywords.ts";
import type { Given, Model, ProxyKind, ProxySection, Section } from "./model.ts";
import { readBind } from "./read-bind.ts";
import { readDefaultServer, readServer } from "./read-server.ts";
import { isSectionKeyword, SECTION_KINDS } from "./section-kinds.ts";

export function readSections(lines: readonly Line[], report: Report): Model {
  return new SectionReader(report).read(lines);
}

const LETTERS: Readonly<Record<ProxyKind, string>> = {
  defaults: "d",
  frontend: "f",
  listen: "l",
  backend: "b",
};

/** Frontends and backends may share a name, and a listen section is both. */
const SIDES: Readonly<Record<ProxyKind, readonly string[]>> = {
  defaults: ["defaults section"],
  frontend: ["frontend"],
  listen: ["frontend", "backend"],
  backend: ["backend"],
};

type Current =
  | { readonly kind: "proxy"; readonly proxy: ProxySection }
  | { readonly kind: "section"; readonly section: Section; readonly table: KeywordTable }
  | { readonly kind: "left" };

class SectionReader {
  private readonly report: Report;
  private readonly proxies: ProxySection[] = [];
  private readonly others: Section[] = [];
  private readonly lineOfName = new Map<string, number>();
  private global: Section | null = null;
  private current: Current | null = null;
  /** The defaults section that sections without `from` take: the last one. */
  private defaults: ProxySection | null = null;

  constructor(report: Report) {
    this.report = report;
  }

  read(lines: readonly Line[]): Model {
    for (const line of lines) {
      const [first] = line.words;
      if (first !== undefined && isSectionKeyword(first.text)) this.begin(line.words);
      else if (!line.isBroken) this.readLine(line.words);
      else if (this.current?.kind === "proxy") this.current.proxy.isBroken = true;
    }
    const none = lines[0]?.words[0]?.at ?? { line: 1, column: 1, file: "" };
    const global = this.global ?? makeSection("global", null, none);
    return { global, proxies: this.proxies, others: this.others };
  }

  private begin(words: readonly Word[]): void {
    const [keyword, name = null] = words as [Word, ...Word[]];
    const kind = keyword.text;
    const { name: naming, left } = SECTION_KINDS[kind]!;
    if (naming === "required" && name === null) {
      this.report.error(keyword, `"${kind}" has no name`, "a name behind it");
    }
    if (left !== null) {
      this.current = { kind: "left" };
      if (left.severity === "notice") this.report.notice(keyword, `"${kind}" ${left.reason}`);
      else this.report.error(keyword, `"${kind}" cannot be honoured: it ${left.reason}`);
    } else if (Object.hasOwn(LETTERS, kind)) this.beginProxy(kind as ProxyKind, words);
    else this.beginOther(keyword, name);
  }

  private beginOther(keyword: Word, name: Word | null): void {
    const isGlobal = keyword.text === "global";
    const table = isGlobal ? GLOBAL_KEYWORDS : OTHER_KEYWORDS[keyword.text]!;
    // A second global section goes on with the first.
    const again = isGlobal ? this.global : null;
    const section = again ?? makeSection(keyword.text, name, keyword.at);
    if (isGlobal) this.global = section;
    else this.others.push(section);
    this.current = { kind: "section", section, table };
  }

  private beginProxy(kind: ProxyKind, words: readonly Word[]): void {
    const [keyword, ...rest] = words as [Word, ...Word[]];
    const isUnnamed = rest[0] === undefined || (kind === "defaults" && rest[0].text === "from");
    const name = isUnnamed ? null : rest[0]!;
    const from = this.readFrom(isUnnamed ? rest : rest.slice(1));
    this.refuseTwin(kind, name);
    const inherited = from ?? (kind === "defaults" ? null : this.defaults);
    const proxy: ProxySection = {
      kind,
      name,
      at: keyword.at,
      settings: new Map(inherited?.settings),
      lists: new Map([...(inherited?.lists ?? [])].map(([key, list]) => [key, [...list]])),
      binds: [],
      servers: [],
      defaultServer: new Map(inherited?.defaultServer),
      isBroken: false,
    };
    this.proxies.push(proxy);
    if (kind === "defaults") this.defaults = proxy;
    this.current = { kind: "proxy", proxy };
  }

  private readFrom(words: readonly Word[]): ProxySection | null {
    const [keyword, name] = words;
    if (keyword === undefined) return null;
    if (keyword.text !== "from" || name === undefined) {
      const expected = "from and the name of a defaults section";
      this.report.error(keyword, `"${keyword.text}" stands behind the name`, expected);
      return null;
    }
    const known = this.proxies.filter((proxy) => proxy.kind === "defaults" && proxy.name !== null);
    const found = known.find((proxy) => proxy.name!.text === name.text) ?? null;
    if (found === null) {
      const near = nearest(
        name.text,
        known.map((proxy) => proxy.name!.text),
      );
      const expected = near === null ? "one that stands above" : `"${near}"`;
      this.report.error(name, `"${name.text}" is no defaults section`, expected);
    }
    return found;
  }

  private refuseTwin(kind: ProxyKind, name: Word | null): void {
    if (name === null) return;
    for (const side of SIDES[kind]) {
      const key = `${side} ${name.text}`;
      const line = this.lineOfName.get(key);
      if (line !== undefined) {
        this.report.error(name, `there is a ${side} "${name.text}" already, in line ${line}`);
        return;
      }
      this.lineOfName.set(key, name.at.line);
    }
  }

  private readLine(line: readonly Word[]): void {
    const { current, report } = this;
    const first = line[0]!;
    if (current === null) {
      const expected = "global, defaults, frontend, backend or listen above it";
      report.error(first, `"${first.text}" stands in no section`, expected);
    } else if (current.kind === "proxy") this.readInProxy(line, current.proxy);
    else if (current.kind === "section") {
      const { section, table } = current;
      this.readInSection(line, { holder: section, table, letter: "g" });
    }
  }

  private readInProxy(line: readonly Word[], proxy: ProxySection): void {
    const letter = LETTERS[proxy.kind];
    const given = this.readInSection(line, { holder: proxy, table: PROXY_KEYWORDS, letter });
    if (given === null) return;
    const name = given.keyword[0]!.text;
    if (name === "bind") readBind(given, proxy, this.report);
    if (name === "server" || name === "server-template") readServer(given, proxy, this.report);
    if (name === "default-server") readDefaultServer(given, proxy, this.report);
  }

  /** @returns null where the line was dealt with, or was wrong */
  private readInSection(line: readonly Word[], where: Where): Given | null {
    const read = readPrefix(line);
    const found = findRow(read.words, where.table);
    if (found === null) {
      reportUnknown(read.words, where, this.report);
      return null;
    }
    const { row, keyword, args } = found;
    if (!this.judge(row, keyword, where)) return null;
    if (read.prefix !== null && !row.canNegate && row.status.kind === "honoured") {
      const prefix = read.prefix.text;
      this.report.error(read.prefix, `"${prefix}" cannot stand before "${row.name}"`);
      return null;
    }
    if (row.status.kind !== "honoured") {
      if (HTTP_KEYWORDS.has(row.name)) keepForHttp(read.prefix, found, where);
      return null;
    }
    if (read.prefix?.text === "default") {
      where.holder.settings.delete(row.name);
      return null;
    }
    const isOff = read.prefix !== null;
    // `no option tcplog clf` says no more than `no option tcplog`.
    const amount = isOff ? 0 : row.grammar(args, keyword.at(-1)!, this.report);
    const isBroken = amount === null;
    const given = { keyword, args, amount: amount ?? 0, isOff, isBroken };
    keep(given, row, where.holder);
    return isBroken ? null : given;
  }

  /** @returns whether the keyword counts in this section */
  private judge(row: KeywordRow, keyword: readonly Word[], { letter, holder }: Where): boolean {
    const first = keyword[0]!;
    const kind = "kind" in holder ? holder.kind : "";
    if (!row.sections.includes(letter)) {
      const isWrong = row.name === "bind" || row.name.startsWith("server") || letter === "d";
      const message = `"${row.name}" cannot stand in a ${kind} section`;
      if (isWrong) this.report.error(first, message);
      else this.report.warning(first, `${message} and is not read`);
      return false;
    }
    const { status } = row;
    // What of HTTP says something depends on the mode, which may stand below.
    if (HTTP_KEYWORDS.has(row.name) && "kind" in holder && kind !== "") return true;
    if (status.kind === "notice") this.report.notice(first, `"${row.name}" ${status.reason}`);
    if (status.kind === "refused") {
      this.report.error(first, `"${row.name}" cannot be honoured: it ${status.reason}`);
    }
    return true;
  }
}

interface Where {
  readonly holder: ProxySection | Section;
  readonly table: KeywordTable;
  readonly letter: string;
}

function makeSection(kind: string, name: Word | null, at: Section["at"]): Section {
  return { kind, name, at, settings: new Map(), lists: new Map() };
}

function readPrefix(words: readonly Word[]): {
  readonly prefix: Word | null;
  readonly words: readonly Word[];
} {
  const [first] = words;
  const isPrefix = (first!.text === "no" || first!.text === "default") && words.length > 1;
  return isPrefix ? { prefix: first!, words: words.slice(1) } : { prefix: null, words };
}

interface FoundRow {
  readonly row: KeywordRow;
  readonly keyword: readonly Word[];
  readonly args: readonly Word[];
}

/** The longest keyword counts: `timeout client` before `timeout`. */
function findRow(words: readonly Word[], table: KeywordTable): FoundRow | null {
  for (const length of [2, 1]) {
    const keyword = words.slice(0, length);
    const row = table.get(keyword.map(({ text }) => text).join(" "));
    if (row !== undefined) return { row, keyword, args: words.slice(keyword.length) };
  }
  return null;
}

function keep(given: Given, row: KeywordRow, { settings, lists }: ProxySection | Section): void {
  if (!row.isList) {
    settings.set(row.name, given);
    return;
  }
  const list = lists.get(row.name);
  // `no log` forgets what stands above it.
  if (given.isOff) lists.delete(row.name);
  else if (list === undefined) lists.set(row.name, [given]);
  else list.push(given);
}

// What a section that passes HTTP on must tell that it does not do.
function keepForHttp(prefix: Word | null, { row, keyword, args }: FoundRow, where: Where): void {
  const { settings } = where.holder;
  if (prefix !== null) settings.delete(row.name);
  else settings.set(row.name, { keyword, args, amount: 0, isOff: false, isBroken: false });
}

function reportUnknown(words: readonly Word[], { table, letter }: Where, report: Report): void {
  const [first, second] = words;
  const names = [...table.values()].filter(({ sections }) => sections.includes(letter));
  const known = names.map(({ name }) => name);
  const family = known.filter((name) => name.startsWith(`${first!.text} `));
  if (family.length > 0) {
    const rests = family.map((name) => name.slice(first!.text.length + 1));
    const near = second === undefined ? null : nearest(second.text, rests);
    const expected = near === null ? `one of ${rests.join(", ")}` : `"${near}"`;
    const shown = second === undefined ? `"${first!.text}" stands alone` : null;
    report.error(second ?? first!, shown ?? `"${second!.text}" is no ${first!.text}`, expected);
    return;
  }
  const near = nearest(first!.text, known) ?? nearestFamily(first!.text, known);
  const expected = near === null ? "a keyword of HAProxy" : `"${near}"`;
  report.error(first!, `"${first!.text}" is no keyword that can stand here`, expected);
}

/** @returns `timeout` for `tiemout`: the first word of keywords that have two */
function nearestFamily(word: string, known: readonly string[]): string | null {
  const families = known.filter((name) => name.includes(" ")).map((name) => name.split(" ")[0]!);
  return nearest(word, [...new Set(families)]);
}
