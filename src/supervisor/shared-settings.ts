// What the settings say of servers and listeners, put where workers read it: limits, and what a
// server is. Live facts that are there already stay, a reload or not.
//
// Changes shared memory and nothing else.

import { serverIdentity } from "../balance/server-identity.ts";
import type { ServerSettings } from "../config/settings.ts";
import type { SharedState } from "../shm/shared-state.ts";
import type { Roster } from "./roster.ts";

/**
 * Brings in who is new and sets every limit. Health and weights of those who stay are the word of
 * server-health.ts.
 * @param before null at the start
 */
export function shareSettings(shared: SharedState, roster: Roster, before: Roster | null): void {
  for (const listener of roster.listeners) {
    shared.listeners.setMax(listener, roster.settings.listeners[listener]!.connectionsMax);
  }
  const known = new Set(before?.numbering.servers.numbers.values());
  for (const server of roster.servers) {
    const settings = roster.settings.servers[server]!;
    if (known.has(server)) {
      shared.servers.setConnectionsMax(server, settings.connectionsMax);
      shared.servers.setConnectionsFrom(server, settings.connectionsFrom);
    } else bringIn(shared, server, settings);
  }
}

/** Nobody knows these servers any more: whoever gets their numbers begins from zero. */
export function forgetServers(shared: SharedState, servers: readonly number[]): void {
  for (const server of servers) {
    shared.servers.forget(server);
    shared.counters.forgetServer(server);
    shared.queues.forgetServer(server);
  }
}

export function forgetPools({ errors, queues }: SharedState, pools: readonly number[]): void {
  for (const pool of pools) {
    queues.forgetPool(pool);
    errors.forgetPool(pool);
  }
}

export function forgetListeners(shared: SharedState, listeners: readonly number[]): void {
  for (const listener of listeners) {
    shared.listeners.forget(listener);
    shared.counters.forgetListener(listener);
    shared.errors.forgetListener(listener);
  }
}

function bringIn({ servers }: SharedState, server: number, settings: ServerSettings): void {
  const { name, weight, connectionsMax, connectionsFrom } = settings;
  const identity = serverIdentity(name);
  servers.define(server, { weight, connectionsMax, connectionsFrom, identity, up: true });
}
