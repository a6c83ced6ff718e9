// From checked documents to settings of DNS discovery, and from what was found to settings again.

import { assert } from "../assert.ts";
import { type Endpoint, makeEndpoint } from "../bytes/endpoint.ts";
import { slotNames } from "./discovery-rules.ts";
import type {
  DiscoverySettings,
  ResolverSettings,
  ServerDiscoverySettings,
} from "./discovery-settings.ts";
import { moveEndpoint, ownCheckTarget } from "./resolve-check.ts";
import type { Document, PoolDocument, ServerDocument } from "./schema.ts";
import type { ServerSettings, Settings } from "./settings.ts";

/** Where a server is that has no place yet; never dialled, never checked. */
const NOWHERE = "0.0.0.0";

/** Of an SRV weight, 0 to 65,535, to ours, 0 to 256: as HAProxy does, so that 0 stays 0. */
const SRV_WEIGHT_UNIT = 256;

export function resolveResolvers({ resolvers }: Document): readonly ResolverSettings[] {
  return Object.entries(resolvers).map(([name, { nameServers = [], hold, ...rest }]) => ({
    name,
    nameServers: nameServers.map(({ text }) => text),
    intervalMs: rest.interval,
    retryMs: rest.retry,
    triesMax: rest.retries,
    hold: {
      obsoleteMs: hold.obsolete,
      failureMs: { nx: hold.nx, refused: hold.refused, timeout: hold.timeout, other: hold.other },
    },
  }));
}

/** One server of the file, or one of the slots that an item of the file stands for. */
export interface WrittenServer {
  readonly server: ServerDocument;
  /** Index of the item in `servers` of its pool. */
  readonly index: number;
  readonly slot: number;
}

/** The servers that the items of a pool stand for, by name, in order. */
export function expandSlots({ servers }: PoolDocument): readonly WrittenServer[] {
  return servers.flatMap((server, index): WrittenServer | WrittenServer[] => {
    if (server.slots === undefined) return { server, index, slot: 0 };
    return slotNames(server).map((name, slot) => {
      // An id that is written is the first one's; the others get what is free.
      const { id, ...rest } = server;
      const own = slot === 0 && id !== undefined ? { id } : {};
      return { server: { ...rest, ...own, name }, index, slot };
    });
  });
}

/** Numbers the host names that are looked up over and over, as servers come by. */
export class Discoveries {
  readonly found: DiscoverySettings[] = [];
  private readonly resolverNames: readonly string[];
  private readonly numbers = new Map<string, number>();

  constructor(document: Document) {
    this.resolverNames = Object.keys(document.resolvers);
  }

  /** @returns null for a server whose address is what it is */
  add(
    poolName: string,
    pool: PoolDocument,
    { server, index, slot }: WrittenServer,
  ): ServerDiscoverySettings | null {
    if (server.resolver === undefined) return null;
    const resolver = this.resolverNames.indexOf(server.resolver);
    assert(resolver >= 0, "A server's resolver exists once the rules have passed");
    const { address, prefer, slots } = server;
    const settings = { resolver, host: address.host, prefer, slotCount: slots ?? 1 };
    const agent = pool.agentCheck;
    return {
      discovery: this.number(`${poolName} ${index}`, settings),
      slot,
      isPlaced: false,
      port: address.port,
      check: ownCheckTarget(pool.check, server),
      agentCheck: { address: agent?.address ?? null, port: agent?.port ?? null },
    };
  }

  private number(key: string, settings: DiscoverySettings): number {
    const number = this.numbers.get(key) ?? this.found.push(settings) - 1;
    this.numbers.set(key, number);
    return number;
  }
}

/** The endpoint of a server that has no place yet. */
export function nowhere(port: number): Endpoint {
  const endpoint = makeEndpoint(NOWHERE, port);
  assert(endpoint !== null, "Nowhere is an address");
  return endpoint;
}

/** Where a server was found. */
export interface Place {
  /** An IP address. */
  readonly address: string;
  /** Null: the operator's. */
  readonly port: number | null;
  /** Of an SRV record, 0 to 65,535; null: the operator's. */
  readonly weight: number | null;
}

/**
 * The same settings with servers where they were found; who was not is in maintenance.
 * @param placeOf who has a slot of a discovery; null: nobody
 */
export function placeServers(
  settings: Settings,
  placeOf: (discovery: number, slot: number) => Place | null,
): Settings {
  if (settings.discoveries.length === 0) return settings;
  const servers = settings.servers.map((server) => {
    const { discovery } = server;
    return discovery === null
      ? server
      : placeServer(server, discovery, placeOf(discovery.discovery, discovery.slot));
  });
  return Object.freeze({ ...settings, servers });
}

function placeServer(
  server: ServerSettings,
  discovery: ServerDiscoverySettings,
  place: Place | null,
): ServerSettings {
  const port = place?.port ?? discovery.port;
  const endpoint = makeEndpoint(place?.address ?? NOWHERE, port) ?? nowhere(port);
  const { check, agentCheck } = discovery;
  const weight = place?.weight ?? null;
  return {
    ...server,
    endpoint,
    checkEndpoint: moveEndpoint(endpoint, check.address, check.port),
    agentCheck: server.agentCheck && {
      ...server.agentCheck,
      endpoint: moveEndpoint(endpoint, agentCheck.address, agentCheck.port),
    },
    weight: weight === null ? server.weight : Math.ceil(weight / SRV_WEIGHT_UNIT),
    discovery: { ...discovery, isPlaced: place !== null },
  };
}
