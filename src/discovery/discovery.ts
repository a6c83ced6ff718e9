// Looks up every host name that the settings want looked up, and tells when any server has moved,
// come or gone.
//
// Changes that come together are told together. A reload keeps what is watched already, slots
// included. What is done about changes is the supervisor's affair.

import { isDeepStrictEqual } from "node:util";
import type { DiscoverySettings, ResolverSettings } from "../config/discovery-settings.ts";
import type { Clock, Timer } from "../health/clock.ts";
import type { DnsClient, DnsRecord } from "./dns-answer.ts";
import { NameWatch } from "./name-watch.ts";

/** What settings want looked up. */
export interface WantedNames {
  readonly resolvers: readonly ResolverSettings[];
  readonly discoveries: readonly DiscoverySettings[];
}

export interface DiscoveryOptions {
  readonly clock: Clock;
  readonly makeClient: (settings: ResolverSettings) => DnsClient;
  /** Some servers have moved, come or gone. */
  readonly onChange: () => void;
  /** A name cannot be looked up any more, or can again (null). */
  readonly onFailure: (host: string, sentence: string | null) => void;
  /** There are more places behind a name than slots for them. */
  readonly onOverflow: (host: string, count: number) => void;
}

/** Changes that come within this time of each other are one. */
const COALESCE_MS = 50;

interface Watched {
  readonly settings: DiscoverySettings;
  readonly resolver: ResolverSettings;
  readonly client: DnsClient;
  readonly watch: NameWatch;
  overflow: number;
}

export class Discovery {
  private readonly options: DiscoveryOptions;
  /** In the order of the latest settings' discoveries. */
  private watched: readonly Watched[] = [];
  private telling: Timer | null = null;

  constructor(options: DiscoveryOptions) {
    this.options = options;
  }

  /**
   * Watches these names from now on, and others no longer.
   * @returns settled when each new name has been answered once, or has failed to be
   */
  async use(wanted: WantedNames): Promise<void> {
    const before = [...this.watched];
    const starts: Promise<void>[] = [];
    this.watched = wanted.discoveries.map((settings) => {
      const resolver = wanted.resolvers[settings.resolver]!;
      const kept = before.findIndex((old) => isSame(old, settings, resolver));
      if (kept !== -1) return before.splice(kept, 1)[0]!;
      const fresh = this.makeWatched(settings, resolver);
      starts.push(fresh.watch.start());
      return fresh;
    });
    for (const old of before) end(old);
    await Promise.all(starts);
  }

  /** Who has a slot, by the numbers of the settings that are used; null: nobody. */
  placeOf(discovery: number, slot: number): DnsRecord | null {
    return this.watched[discovery]?.watch.records[slot] ?? null;
  }

  stop(): void {
    for (const each of this.watched) end(each);
    this.watched = [];
    if (this.telling !== null) this.options.clock.clearTimer(this.telling);
    this.telling = null;
  }

  private makeWatched(settings: DiscoverySettings, resolver: ResolverSettings): Watched {
    const { clock, makeClient, onFailure } = this.options;
    const { host, prefer, slotCount } = settings;
    const client = makeClient(resolver);
    const watch = new NameWatch({
      question: { name: host, prefer },
      slotCount,
      client,
      intervalMs: resolver.intervalMs,
      hold: resolver.hold,
      clock,
      onChange: () => this.onChange(),
      onFailure: (_watch, sentence) => onFailure(host, sentence),
    });
    return { settings, resolver, client, watch, overflow: 0 };
  }

  private onChange(): void {
    for (const each of this.watched) {
      const { overflow } = each.watch;
      if (overflow > each.overflow) this.options.onOverflow(each.settings.host, overflow);
      each.overflow = overflow;
    }
    this.telling ??= this.options.clock.setTimer(() => {
      this.telling = null;
      this.options.onChange();
    }, COALESCE_MS);
  }
}

function isSame(old: Watched, settings: DiscoverySettings, resolver: ResolverSettings): boolean {
  const { resolver: _number, ...wanted } = settings;
  const { resolver: _oldNumber, ...had } = old.settings;
  return isDeepStrictEqual(had, wanted) && isDeepStrictEqual(old.resolver, resolver);
}

function end({ watch, client }: Watched): void {
  watch.stop();
  client.close();
}
