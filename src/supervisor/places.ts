// How many listeners, pools and servers there is room for, and who has left for good.
//
// Shared memory is laid out once, at the start: with room for what later reloads bring. A place is
// some hundred bytes a worker, and what was never used is never touched.

import type { Settings } from "../config/settings.ts";
import type { SharedState } from "../shm/shared-state.ts";
import type { Places, Removed, Roster } from "./roster.ts";

const LISTENERS_MIN = 64;
const SERVERS_MIN = 1_024;
const POOLS_MIN = 256;
/** What a connection's row can name. */
const POOLS_MAX = 65_535;

/** Room for twice what there is, in case a reload replaces all of it. */
export function placesFor({ listeners, pools, servers }: Settings): Places {
  return {
    listenersMax: Math.max(LISTENERS_MIN, 2 * listeners.length),
    poolsMax: Math.min(POOLS_MAX, Math.max(POOLS_MIN, 2 * pools.length)),
    serversMax: Math.max(SERVERS_MIN, 2 * servers.length),
  };
}

/** Since which plan each of those who were removed is gone, by kind and key. */
export class Departures {
  private readonly generations = new Map<string, number>();

  /** A plan has been made: who is gone by it, and who has come back. */
  note({ numbering }: Roster, generation: number): void {
    const gone = new Set<string>();
    for (const kind of KINDS) for (const key of numbering[kind].retired) gone.add(`${kind} ${key}`);
    for (const name of this.generations.keys()) if (!gone.has(name)) this.generations.delete(name);
    for (const name of gone) {
      if (!this.generations.has(name)) this.generations.set(name, generation);
    }
  }

  /**
   * @param oldest no connection needs a plan before this generation any more
   * @returns those who are gone and of whom no connection is left
   */
  findLeft({ numbering }: Roster, shared: SharedState, oldest: number): Removed {
    if (this.generations.size === 0) return NOBODY_LEFT;
    const { listeners, pools, servers } = numbering;
    const isGone = (kind: Kind, key: string) => this.generations.get(`${kind} ${key}`)! <= oldest;
    const left = {
      listeners: [...listeners.retired].filter((key) => {
        const isEmpty = shared.listeners.total(listeners.numbers.get(key)!) === 0;
        return isEmpty && isGone("listeners", key);
      }),
      servers: [...servers.retired].filter((key) => {
        const isEmpty = shared.servers.active(servers.numbers.get(key)!) === 0;
        return isEmpty && isGone("servers", key);
      }),
    };
    // The log names a connection's pool: it stays for as long as any of its servers does.
    const hasLeft = new Set(left.servers);
    const kept = [...servers.retired].filter((key) => !hasLeft.has(key));
    const named = new Set(kept.map((key) => key.slice(0, key.indexOf("/"))));
    const leftPools = [...pools.retired].filter((key) => isGone("pools", key) && !named.has(key));
    return { ...left, pools: leftPools };
  }
}

type Kind = keyof Removed;
const KINDS: readonly Kind[] = ["listeners", "pools", "servers"];
export const NOBODY_LEFT: Removed = { listeners: [], pools: [], servers: [] };
