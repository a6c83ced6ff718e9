// Directives to the model: each is looked up in the table of its block, its words are read, and
// what cannot be honoured is reported where it stands.

import { nearest } from "../explain.ts";
import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import type { Directive } from "./directive.ts";
import type { DirectiveRow, DirectiveTable } from "./directive-row.ts";
import { MAIN_DIRECTIVES } from "./directives/main-directives.ts";
import { STREAM_DIRECTIVES } from "./directives/stream-directives.ts";
import { TLS_DIRECTIVES } from "./directives/tls-directives.ts";
import { UPSTREAM_DIRECTIVES } from "./directives/upstream-directives.ts";
import type { Given, Model, Scope } from "./model.ts";

const STREAM_TABLE: DirectiveTable = new Map([...STREAM_DIRECTIVES, ...TLS_DIRECTIVES]);
const MAIN_TABLE: DirectiveTable = new Map([
  ...MAIN_DIRECTIVES,
  ["error_log", STREAM_DIRECTIVES.get("error_log")!],
]);

interface Kind {
  readonly letter: string;
  readonly table: DirectiveTable;
  /** How its block is called in messages. */
  readonly shown: string;
}

const KINDS: Readonly<Record<Scope["kind"], Kind>> = {
  main: { letter: "m", table: MAIN_TABLE, shown: "outside of all blocks" },
  events: { letter: "e", table: MAIN_DIRECTIVES, shown: "in an events block" },
  stream: { letter: "s", table: STREAM_TABLE, shown: "in a stream block" },
  server: { letter: "v", table: STREAM_TABLE, shown: "in a server block" },
  upstream: { letter: "u", table: UPSTREAM_DIRECTIVES, shown: "in an upstream block" },
};

const NAMES: ReadonlySet<string> = new Set(
  [MAIN_TABLE, STREAM_TABLE, UPSTREAM_DIRECTIVES].flatMap((table) => [...table.keys()]),
);

export function isDirectiveName(name: string): boolean {
  return NAMES.has(name);
}

/** @param file stands for the place of the file as a whole */
export function readModel(directives: readonly Directive[], file: string, report: Report): Model {
  return new ModelReader(report).read(directives, file);
}

class ModelReader {
  private readonly report: Report;
  private readonly servers: Scope[] = [];
  private readonly upstreams: Scope[] = [];
  private events: Scope | null = null;
  private stream: Scope | null = null;
  private http: Directive[] = [];
  private httpAt: Word | null = null;

  constructor(report: Report) {
    this.report = report;
  }

  read(directives: readonly Directive[], file: string): Model {
    const name = { text: file, source: file, at: { file, line: 1, column: 1 } };
    const main = this.fill(makeScope("main", name, null), directives);
    const { events, stream, servers, upstreams, http, httpAt } = this;
    return { main, events, stream, servers, upstreams, http, httpAt };
  }

  private fill(scope: Scope, directives: readonly Directive[]): Scope {
    for (const directive of directives) this.directive(scope, directive);
    return scope;
  }

  private directive(scope: Scope, directive: Directive): void {
    const { name, block } = directive;
    const row = this.rowOf(scope, name);
    if (row === null) {
      scope.isBroken = true;
      return;
    }
    if (row.hasBlock !== (block !== null) && row.status.kind === "honoured") {
      scope.isBroken = true;
      const message = row.hasBlock
        ? `"${name.text}" has no block`
        : `"${name.text}" takes no block`;
      this.report.error(name, message, row.hasBlock ? '"{"' : '";"');
      return;
    }
    if (tell(row, directive, this.report)) this.keep(scope, row, directive);
    else if (row.status.kind === "refused") scope.isBroken = true;
  }

  /** Reads the words of a directive that is honoured. */
  private keep(scope: Scope, row: DirectiveRow, { name, args, block }: Directive): void {
    const before = scope.settings.get(row.name);
    if (before !== undefined && !row.isList) {
      const message = `"${name.text}" is there already, in line ${before.name.at.line}`;
      this.report.error(name, message, "it once in a block");
      return;
    }
    const amount = row.grammar(args, name, this.report);
    const isBroken = amount === null;
    if (isBroken) scope.isBroken = true;
    const given: Given = { name, args, block: block ?? [], amount: amount ?? 0, isBroken };
    scope.settings.set(row.name, given);
    const list = scope.lists.get(row.name);
    if (list === undefined) scope.lists.set(row.name, [given]);
    else list.push(given);
    this.open(scope, given);
  }

  private open(scope: Scope, given: Given): void {
    const { name, args, block } = given;
    const inside = (kind: Scope["kind"], named: Word) =>
      this.fill(makeScope(kind, named, scope), block);
    if (name.text === "events") this.events = inside("events", name);
    else if (name.text === "stream") {
      // Servers look settings up in it: it has to be whole before they are read.
      const late = block.filter((directive) => isOwnBlock(directive));
      this.stream = makeScope("stream", name, scope);
      this.fill(
        this.stream,
        block.filter((directive) => !isOwnBlock(directive)),
      );
      this.fill(this.stream, late);
    } else if (name.text === "http") {
      this.http.push(...block);
      this.httpAt ??= name;
    } else if (name.text === "server" && scope.kind === "stream") {
      this.servers.push(inside("server", name));
    } else if (name.text === "upstream" && args[0] !== undefined) {
      this.upstreams.push(inside("upstream", args[0]));
    }
  }

  private rowOf(scope: Scope, name: Word): DirectiveRow | null {
    const { letter, table, shown } = KINDS[scope.kind];
    const row = table.get(name.text);
    if (row?.contexts.includes(letter)) return row;
    if (isDirectiveName(name.text)) {
      const message = `"${name.text}" cannot stand ${shown}`;
      this.report.error(name, message, placesOf(name.text));
      return null;
    }
    const known = [...table.values()].filter(({ contexts }) => contexts.includes(letter));
    const near =
      nearest(
        name.text,
        known.map((each) => each.name),
      ) ?? nearest(name.text, [...NAMES]);
    const expected = near === null ? "a directive of nginx's stream modules" : `"${near}"`;
    this.report.error(
      name,
      `"${name.text}" is no directive of nginx that Fairlead knows`,
      expected,
    );
    return null;
  }
}

function makeScope(kind: Scope["kind"], name: Word, parent: Scope | null): Scope {
  const settings = new Map<string, Given>();
  return { kind, name, at: name.at, parent, settings, lists: new Map(), isBroken: false };
}

function isOwnBlock({ name, block }: Directive): boolean {
  return block !== null && (name.text === "server" || name.text === "upstream");
}

/** @returns whether the directive is honoured; what becomes of it otherwise has been said */
function tell(row: DirectiveRow, { name, args }: Directive, report: Report): boolean {
  const { status } = row;
  if (status.kind === "honoured") return true;
  if (status.kind === "notice") report.notice(name, `"${name.text}" ${status.reason}`);
  else if (status.harmless === null || args[0]?.text !== status.harmless) {
    report.error(name, `"${name.text}" cannot be honoured: it ${status.reason}`);
  }
  return false;
}

const PLACES: readonly (readonly [kind: Scope["kind"], shown: string])[] = [
  ["main", "outside of all blocks"],
  ["events", "an events block"],
  ["stream", "a stream block"],
  ["server", "a server block"],
  ["upstream", "an upstream block"],
];

function placesOf(name: string): string {
  const places = PLACES.filter(([kind]) => {
    const { table, letter } = KINDS[kind];
    return table.get(name)?.contexts.includes(letter) === true;
  });
  return places.map(([, shown]) => shown).join(" or ");
}
