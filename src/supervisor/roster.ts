// The settings that run, with their lists put in the order of the numbers that everything has in
// shared memory: `settings.servers[7]` is the server whose counters are at 7, reload after reload.
//
// A number whose owner was removed keeps its place, emptied of all that would make somebody act on
// it, until its last connection has ended: for its name in the log. Bounded by the places in shared
// memory. Pure: changes nothing that runs.

import { endpointPort, formatEndpoint } from "../bytes/endpoint.ts";
import type {
  ListenerSettings,
  PoolSettings,
  ServerSettings,
  Settings,
} from "../config/settings.ts";
import { assignNumbers, freeNumbers, NOBODY, type Numbering } from "./numbers.ts";

/** The number of places that each kind has. */
export interface Places {
  readonly listenersMax: number;
  readonly poolsMax: number;
  readonly serversMax: number;
}

export interface Roster {
  /** Indexes into its lists are numbers; the numbers of those who were removed are in them, too. */
  readonly settings: Settings;
  /** The numbers of those who are there, in the order of the file. */
  readonly listeners: readonly number[];
  readonly pools: readonly number[];
  readonly servers: readonly number[];
  readonly numbering: RosterNumbering;
}

export interface RosterNumbering {
  readonly listeners: Numbering;
  readonly pools: Numbering;
  readonly servers: Numbering;
}

/** A place was wanted and none was left. */
export class NoPlaceError extends Error {
  override readonly name = "NoPlaceError";
}

/**
 * @param file settings as the file has them
 * @param before null at the start
 * @throws NoPlaceError when shared memory has too few places
 */
export function makeRoster(file: Settings, places: Places, before: Roster | null): Roster {
  const keys = {
    listeners: file.listeners.map(listenerKey),
    pools: file.pools.map(({ name }) => name),
    servers: file.servers.map((server) => serverKey(file, server)),
  };
  const old = before?.numbering;
  const numbering = {
    listeners: assign("listeners", old?.listeners, keys.listeners, places.listenersMax),
    pools: assign("pools", old?.pools, keys.pools, places.poolsMax),
    servers: assign("servers", old?.servers, keys.servers, places.serversMax),
  };
  const find = (kind: keyof typeof keys) =>
    keys[kind].map((key) => numbering[kind].numbers.get(key)!);
  const there = { listeners: find("listeners"), pools: find("pools"), servers: find("servers") };
  const settings = renumber(file, there, before && forgetFreed(before));
  return { settings, ...there, numbering };
}

/** Those who were removed, by key. */
export interface Removed {
  readonly listeners: readonly string[];
  readonly pools: readonly string[];
  readonly servers: readonly string[];
}

/** Frees the numbers of those of whom nothing is left. */
export function freePlaces(roster: Roster, { listeners, pools, servers }: Removed): Roster {
  const { numbering } = roster;
  return {
    ...roster,
    numbering: {
      listeners: freeNumbers(numbering.listeners, listeners),
      pools: freeNumbers(numbering.pools, pools),
      servers: freeNumbers(numbering.servers, servers),
    },
  };
}

/** Servers that are at another address now: their numbers before, and those that they have. */
export function findMoved(before: Roster, after: Roster): ReadonlyMap<number, number> {
  const name = ({ settings }: Roster, number: number) => {
    const server = settings.servers[number]!;
    return `${server.pool}/${server.name}`;
  };
  const numbers = new Map(after.servers.map((number) => [name(after, number), number]));
  const moved = before.servers.flatMap((number): [number, number][] => {
    const now = numbers.get(name(before, number));
    return now === undefined || now === number ? [] : [[number, now]];
  });
  return new Map(moved);
}

/** A listener is its address: sockets and counts stay as long as it does, whatever its name. */
function listenerKey({ name, listen }: ListenerSettings): string {
  const { endpoint, text } = listen;
  return endpointPort(endpoint, 0) === 0 ? `${name} ${text}` : formatEndpoint(endpoint, 0);
}

/** A server is its name in its pool and its address: elsewhere it is another one. */
function serverKey({ pools }: Settings, { pool, name, endpoint }: ServerSettings): string {
  return `${pools[pool]!.name}/${name} ${formatEndpoint(endpoint, 0)}`;
}

function assign(
  what: string,
  before: Numbering | undefined,
  keys: readonly string[],
  max: number,
): Numbering {
  const numbering = assignNumbers(before ?? NOBODY, keys, max);
  if (numbering !== null) return numbering;
  const kept = [...(before?.numbers.keys() ?? [])].filter((key) => !keys.includes(key)).length;
  throw new NoPlaceError(
    `Cannot run ${keys.length} ${what} beside ${kept} removed ones that still have connections: ` +
      `memory was laid out for ${max} at the start; restart to run more`,
  );
}

interface There {
  readonly listeners: readonly number[];
  readonly pools: readonly number[];
  readonly servers: readonly number[];
}

// Every field of settings that is an index into one of these lists is rewritten here.
function renumber(file: Settings, there: There, before: Settings | null): Settings {
  const poolOf = <Value extends { readonly pool: number }>(value: Value): Value => {
    return { ...value, pool: there.pools[value.pool]! };
  };
  const listeners = file.listeners.map((listener) => {
    return { ...poolOf(listener), serverNames: listener.serverNames.map(poolOf) };
  });
  const pools = file.pools.map((pool) => {
    return { ...pool, servers: pool.servers.map((server) => there.servers[server]!) };
  });
  const servers = file.servers.map((server) => {
    const tracks = server.tracks === null ? null : there.servers[server.tracks]!;
    return { ...poolOf(server), tracks };
  });
  return Object.freeze({
    ...file,
    listeners: place(listeners, there.listeners, before?.listeners.map(emptyListener)),
    pools: place(pools, there.pools, before?.pools.map(emptyPool)),
    servers: place(servers, there.servers, before?.servers.map(emptyServer)),
  });
}

// Whose number was freed has no name any more: another one may be called so.
function forgetFreed({ settings, numbering }: Roster): Settings {
  const forget = <Value extends { readonly name: string }>(
    values: readonly Value[],
    { numbers }: Numbering,
  ): readonly Value[] => {
    const known = new Set(numbers.values());
    return values.map((value, number) => (known.has(number) ? value : { ...value, name: "" }));
  };
  return {
    ...settings,
    listeners: forget(settings.listeners, numbering.listeners),
    pools: forget(settings.pools, numbering.pools),
    servers: forget(settings.servers, numbering.servers),
  };
}

// Numbers are given from 0 on, so that no place is left without an owner, past or present.
function place<Value>(
  values: readonly Value[],
  numbers: readonly number[],
  before: readonly Value[] = [],
): readonly Value[] {
  const placed = [...before];
  for (const [i, value] of values.entries()) placed[numbers[i]!] = value;
  return placed;
}

function emptyListener(listener: ListenerSettings): ListenerSettings {
  const nothing = { tls: null, websocket: null, proxyProtocol: null, serverNames: [], rules: [] };
  return { ...listener, ...nothing };
}

function emptyPool(pool: PoolSettings): PoolSettings {
  return { ...pool, servers: [], stick: [], takeover: null, checkType: null, rules: [] };
}

function emptyServer(server: ServerSettings): ServerSettings {
  const transport = { ...server.transport, tls: null };
  return { ...server, transport, check: null, agentCheck: null, tracks: null };
}

/** Servers and pools by number; null: a number without an owner, nobody's to check. */
export function lookedAfter({ settings, servers, pools }: Roster) {
  const [there, poolsThere] = [new Set(servers), new Set(pools)];
  return {
    servers: settings.servers.map((server, number) => (there.has(number) ? server : null)),
    pools: settings.pools.map((pool, number) => (poolsThere.has(number) ? pool : null)),
  };
}
