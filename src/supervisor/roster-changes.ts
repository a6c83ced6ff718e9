// What a reload changed, as the operator is told: who came, who went, who is not as before.
//
// Numbers stay with their owners, so that the same number in two rosters is the same thing. Pure.

import { isDeepStrictEqual } from "node:util";
import type { Settings } from "../config/settings.ts";
import type { Roster } from "./roster.ts";

export interface RosterChanges {
  /** `listener mqtt`, `pool brokers`, `server brokers/b1`. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Keys of settings that are told as a whole; the rest is told by name. */
const SECTIONS = ["log", "shutdown", "tls"] as const;

export function compareRosters(before: Roster, after: Roster): RosterChanges {
  const kinds = [compare("listeners"), compare("pools"), compare("servers")];
  const found = kinds.map((of) => of(before, after));
  const sections = SECTIONS.filter(
    (section) => !isDeepStrictEqual(before.settings[section], after.settings[section]),
  );
  return {
    added: found.flatMap(({ added }) => added),
    removed: found.flatMap(({ removed }) => removed),
    changed: [...found.flatMap(({ changed }) => changed), ...sections],
  };
}

type Kind = "listeners" | "pools" | "servers";

function compare(kind: Kind) {
  return (before: Roster, after: Roster): RosterChanges => {
    const was = new Set(before[kind]);
    const is = new Set(after[kind]);
    const added = after[kind].filter((number) => !was.has(number));
    const removed = before[kind].filter((number) => !is.has(number));
    const changed = after[kind].filter((number) => {
      if (!was.has(number)) return false;
      return !isDeepStrictEqual(ownOf(before, kind, number), ownOf(after, kind, number));
    });
    const name = (settings: Settings) => (number: number) => nameOf(settings, kind, number);
    return {
      added: added.map(name(after.settings)),
      removed: removed.map(name(before.settings)),
      changed: changed.map(name(after.settings)),
    };
  };
}

// What a pool has by the listeners that lead there is told with them.
function ownOf({ settings }: Roster, kind: Kind, number: number): object {
  const all = settings[kind][number]!;
  return "fullShare" in all ? { ...all, fullShare: null } : all;
}

function nameOf(settings: Settings, kind: Kind, number: number): string {
  if (kind === "listeners") return `listener ${settings.listeners[number]!.name}`;
  if (kind === "pools") return `pool ${settings.pools[number]!.name}`;
  const { name, pool } = settings.servers[number]!;
  return `server ${settings.pools[pool]!.name}/${name}`;
}
