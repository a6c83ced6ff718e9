// Where the tables of `stick` are: in the backend itself, in another section, or in one of peers;
// and who else goes by them. Pure.

import type { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import { type Given, listOf, type Model, type ProxySection } from "./model.ts";
import { readStickTable, readTable, type StickTable } from "./read-stick-table.ts";

/** A section that has a table, or a table of a peers section. */
export interface StickHolder {
  /** As our document calls it. */
  readonly name: string;
  /** As rules of haproxy.cfg call it. */
  readonly reference: string;
  /** Whether it counts something, too. */
  readonly stores: boolean;
  /** @returns null where it is wrong, and was reported */
  read(report: Report): StickTable | null;
}

/** @returns the table that a line of a section means; null: there is none */
export function holderOf(model: Model, proxy: ProxySection, given: Given): StickHolder | null {
  const table = tableOf(given);
  if (table === null) return holderIn(proxy);
  const section = model.proxies.find(({ name }) => name?.text === table.text);
  return section === undefined ? holderInPeers(model, table.text) : holderIn(section);
}

/** What `stick` lines of all sections do with a table. */
export function usesOf(model: Model, { reference }: StickHolder): readonly StickUse[] {
  return model.proxies.flatMap((proxy) =>
    listOf(proxy, "stick").flatMap((given) => {
      const named = tableOf(given)?.text ?? proxy.name?.text;
      return named === reference ? [{ proxy, given, verb: given.args[0]!.text }] : [];
    }),
  );
}

export interface StickUse {
  readonly proxy: ProxySection;
  readonly given: Given;
  readonly verb: string;
}

/** Whether a table is there for clients to stick, and for nothing else. */
export function isForStickiness(model: Model, holder: StickHolder): boolean {
  return !holder.stores && usesOf(model, holder).length > 0;
}

/** @returns the table that a section has itself */
export function holderIn(proxy: ProxySection): StickHolder | null {
  const given = proxy.settings.get("stick-table");
  if (given === undefined || proxy.name === null) return null;
  const { text } = proxy.name;
  return {
    name: text,
    reference: text,
    stores: storesIn(given.args),
    read: (report) => readStickTable(proxy, report),
  };
}

/** A `table` line of a peers section. */
export function peersHolder(peers: string, given: Given): StickHolder {
  const [own, ...args] = given.args as [Word, ...Word[]];
  return {
    name: `${peers}.${own.text}`,
    reference: `${peers}/${own.text}`,
    stores: storesIn(args),
    read: (report) => readTable(given, args, report),
  };
}

function holderInPeers({ others }: Model, reference: string): StickHolder | null {
  for (const { kind, name, ...section } of others) {
    if (kind !== "peers" || name === null) continue;
    for (const given of listOf(section, "table")) {
      const holder = peersHolder(name.text, given);
      if (holder.reference === reference) return holder;
    }
  }
  return null;
}

function storesIn(args: readonly Word[]): boolean {
  return args.some(({ text }) => text === "store");
}

/** The word behind `table`, before any condition. */
function tableOf({ args }: Given): Word | null {
  const end = args.findIndex(({ text }) => text === "if" || text === "unless");
  const words = end === -1 ? args : args.slice(0, end);
  const at = words.findIndex(({ text }) => text === "table");
  return at === -1 ? null : (words[at + 1] ?? null);
}
