// Tells a listener which servers of a tier have changed since it was last told: those whose count
// of connections did, in the order in which they did, and all of them after any other change.
//
// One worker's own; nothing is written to shared memory. What happened in between costs O(1) a
// change of any pool's count, at most O(servers): who is too far behind looks at all of them.

import type { Tier } from "./tier.ts";

/** Changes that are followed one by one; with more, looking at every server is cheaper. */
const CHANGES_FOLLOWED_MAX = 2_048;
const NOT_OURS = -1;

export interface ChangeListener {
  /** The number of connections of this position has changed, perhaps more than once. */
  countChanged(position: number): void;
  /** Anything may have changed. */
  everythingChanged(): void;
}

export class ChangeFollower {
  private readonly tier: Tier;
  private readonly listener: ChangeListener;
  /** By server number; NOT_OURS for those of other tiers. */
  private readonly positions: Int32Array;
  private epoch: number;
  private seen: number;

  /** Tells nothing yet: the listener looks at everything itself, afterwards. */
  constructor(tier: Tier, listener: ChangeListener) {
    this.tier = tier;
    this.listener = listener;
    const last = tier.servers.reduce((max, server) => Math.max(max, server), -1);
    this.positions = new Int32Array(last + 1).fill(NOT_OURS);
    for (const [position, server] of tier.servers.entries()) this.positions[server] = position;
    this.epoch = tier.view.epoch();
    this.seen = tier.view.changesEnd();
  }

  /** Tells the listener what is new. */
  follow(): void {
    const { view } = this.tier;
    const epoch = view.epoch();
    const end = view.changesEnd();
    if (epoch === this.epoch && this.followCounts(end)) return;
    this.epoch = epoch;
    this.seen = end;
    this.listener.everythingChanged();
  }

  /** @returns false when some change is not known */
  private followCounts(end: number): boolean {
    if (((end - this.seen) | 0) > CHANGES_FOLLOWED_MAX) return false;
    const { view } = this.tier;
    while (this.seen !== end) {
      const server = view.changedAt(this.seen);
      if (server === -1) return false;
      this.seen = (this.seen + 1) | 0;
      const position = this.positions[server] ?? NOT_OURS;
      if (position !== NOT_OURS) this.listener.countChanged(position);
    }
    return true;
  }
}
