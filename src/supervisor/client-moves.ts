// Clients that are moved between servers, as the operator asks for it: a server is emptied, a pool
// gets its shares back.
//
// Puts evictions.ts and rebalancing.ts together with the settings that run. Bounded by those.

import type { Surplus } from "../balance/surplus.ts";
import type { DrainSettings } from "../config/moving-settings.ts";
import type { Settings } from "../config/settings.ts";
import { type Clock, systemClock } from "../health/clock.ts";
import type { ServerStates } from "../shm/server-state.ts";
import { type EvictionStatus, Evictions } from "./evictions.ts";
import type { Logger } from "./logger.ts";
import { Rebalancing } from "./rebalancing.ts";
import type { ServerHealth } from "./server-health.ts";

export interface ClientMovesOptions {
  readonly states: ServerStates;
  readonly health: ServerHealth;
  readonly workerCount: number;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly settings: () => Settings;
  /** Whether a number has an owner. */
  readonly hasServer: (server: number) => boolean;
  readonly hasPool: (pool: number) => boolean;
  /** Rings every worker. */
  readonly wake: () => void;
  /** Sticky tables forget this server. */
  readonly forgetClients: (server: number) => void;
}

export class ClientMoves {
  private readonly options: ClientMovesOptions;
  private readonly evictions: Evictions;
  private readonly rebalancing: Rebalancing;

  constructor(options: ClientMovesOptions) {
    const { states, health, workerCount, logger, wake, forgetClients } = options;
    const { settings, hasServer, hasPool, clock = systemClock } = options;
    this.options = options;
    this.evictions = new Evictions({
      ...{ states, workerCount, clock, logger, wake, random: Math.random },
      nameOf: (server) => this.nameOf(server),
      onEmptied: forgetClients,
    });
    this.rebalancing = new Rebalancing({
      ...{ states, clock, evictions: this.evictions },
      pools: () => settings().pools.map((pool, number) => (hasPool(number) ? pool : null)),
      servers: () => settings().servers.map((each, number) => (hasServer(number) ? each : null)),
      isWhole: (server) => !hasServer(server) || health.status(server).throttlePercent === 100,
    });
  }

  start(): void {
    this.rebalancing.start();
  }

  stop(): void {
    this.rebalancing.stop();
    this.evictions.end();
  }

  /**
   * Drains a server and sends its clients to others, at a pace; see Evictions.drain.
   * @param server its number. @param given what is not as the pool's `drain` has it
   */
  evict(server: number, given: Partial<DrainSettings> = {}): EvictionStatus | null {
    const { health, settings } = this.options;
    const { pools, servers } = settings();
    health.setAdmin(server, "drain");
    this.evictions.drain(server, { ...pools[servers[server]!.pool]!.drain, ...given });
    return this.evictions.status(server);
  }

  /** Nobody else is sent away. The server stays in drain; saying that it is ready stops it, too. */
  stopEvicting(server: number): EvictionStatus | null {
    this.evictions.stop(server);
    return this.evictions.status(server);
  }

  /** Gives the servers of a pool their shares back; see Rebalancing.run. @param pool its number */
  rebalance(pool: number): readonly Surplus[] {
    return this.rebalancing.run(pool);
  }

  /** Whether the clients of a pool are moved for its shares at all. */
  canRebalance(pool: number): boolean {
    return this.rebalancing.canRun(pool);
  }

  /**
   * Nobody else leaves a server of this pool for being one too many. Where the pool does it by
   * itself, it may begin anew. @returns the servers that were being shed
   */
  stopRebalancing(pool: number): readonly number[] {
    const { servers = [] } = this.options.settings().pools[pool] ?? {};
    const shed = servers.filter((server) => {
      const status = this.status(server);
      return status?.kind === "rebalance" && this.evictions.isRunning(server);
    });
    for (const server of shed) this.evictions.stop(server);
    return shed;
  }

  /** How far it has come; null for a server that nobody was ever sent away from. */
  status(server: number): EvictionStatus | null {
    return this.evictions.status(server);
  }

  /** The settings have changed: what was begun for servers that are gone is over. */
  forgetRemoved(): void {
    this.evictions.forget(this.options.hasServer);
  }

  private nameOf(server: number): string {
    const { pools, servers } = this.options.settings();
    const { name, pool } = servers[server]!;
    return `${pools[pool]!.name}/${name}`;
  }
}
