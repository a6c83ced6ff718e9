// The tiers of a pool: its servers, and behind them its backups, which are asked only when there is
// nobody in front.

import { type BackupRule, type Balancer, type Choice, wasTried } from "./balance.ts";
import type { Tier } from "./tier.ts";

/** Balancers of one pool, in the order in which they are asked. */
export class TierList implements Balancer {
  private readonly balancers: readonly Balancer[];
  private readonly tiers: readonly Tier[];
  private readonly when: BackupRule["when"];

  constructor(balancers: readonly Balancer[], tiers: readonly Tier[], when: BackupRule["when"]) {
    this.balancers = balancers;
    this.tiers = tiers;
    this.when = when;
  }

  take(choice: Choice): number {
    for (let i = 0; i < this.balancers.length; i++) {
      const server = this.balancers[i]!.take(choice);
      if (server !== -1) return server;
      if (this.when === "none-usable" && hasWeight(this.tiers[i]!)) return -1;
    }
    return -1;
  }

  destined(choice: Choice): number {
    for (let i = 0; i < this.balancers.length; i++) {
      if (hasWeight(this.tiers[i]!)) return this.balancers[i]!.destined(choice);
    }
    return -1;
  }
}

/** Of a tier, the first that is up and was not tried, and nobody else. */
export class FirstOfTier implements Balancer {
  private readonly tier: Tier;

  constructor(tier: Tier) {
    this.tier = tier;
  }

  take(choice: Choice): number {
    const { servers, view } = this.tier;
    for (let position = 0; position < servers.length; position++) {
      const server = servers[position]!;
      if (wasTried(choice, server) || view.usableWeight(server) === 0) continue;
      return view.tryAcquire(server) ? server : -1;
    }
    return -1;
  }

  destined(): number {
    return -1;
  }
}

// Only asked after a choice that failed: it may look at every server.
function hasWeight({ servers, view }: Tier): boolean {
  return servers.some((server) => view.usableWeight(server) > 0);
}
