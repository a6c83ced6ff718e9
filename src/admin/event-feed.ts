// What has happened, for those who follow it: servers that went up or down, new plans, bans,
// actions.
//
// The latest KEPT_MAX events are kept, so that a reader who was away for a moment misses nothing.
// Looked up each LOOK_EVERY_MS from what the supervisor keeps anyway; writes to nobody itself.

import type { BanChange } from "../supervisor/ban-watch.ts";
import type { StateChange } from "../supervisor/standings.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { AdminAction } from "./access/audit.ts";
import { describeBanChange } from "./bans.ts";
import { describeChange } from "./overview.ts";

const KEPT_MAX = 256;
const LOOK_EVERY_MS = 200;

export interface FeedEvent {
  /** Rises by one with each event of this process. */
  readonly id: number;
  readonly at: string;
  readonly type: "server" | "plan" | "ban" | "action";
  readonly [field: string]: unknown;
}

export type Follower = (event: FeedEvent) => void;

export class EventFeed {
  private readonly supervisor: Supervisor;
  private readonly kept: FeedEvent[] = [];
  private readonly followers = new Set<Follower>();
  private readonly timer: NodeJS.Timeout;
  private lastId = 0;
  private seenChange: StateChange | undefined;
  private seenPlan: number;
  private seenBan: BanChange | undefined;

  constructor(supervisor: Supervisor) {
    this.supervisor = supervisor;
    this.seenChange = supervisor.health.changes[0];
    this.seenPlan = supervisor.generation;
    this.seenBan = supervisor.bans.changes[0];
    this.timer = setInterval(() => this.look(), LOOK_EVERY_MS);
    this.timer.unref();
  }

  /**
   * @param afterId events after this one come first, as far as they are kept; null: only new ones
   * @returns ends the following
   */
  follow(follower: Follower, afterId: number | null = null): () => void {
    if (afterId !== null) {
      for (const event of this.kept) if (event.id > afterId) follower(event);
    }
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }

  get followerCount(): number {
    return this.followers.size;
  }

  tellAction(action: AdminAction): void {
    this.tell("action", { ...action });
  }

  /** Looks for changes now. */
  look(): void {
    const { health, bans, generation } = this.supervisor;
    for (const change of freshOf(health.changes, this.seenChange)) {
      this.tell("server", describeChange(this.supervisor, change));
    }
    this.seenChange = health.changes[0];
    for (const change of freshOf(bans.changes, this.seenBan)) {
      this.tell("ban", describeBanChange(change));
    }
    this.seenBan = bans.changes[0];
    if (generation === this.seenPlan) return;
    this.seenPlan = generation;
    this.tell("plan", { generation });
  }

  stop(): void {
    clearInterval(this.timer);
    this.followers.clear();
  }

  private tell(type: FeedEvent["type"], fields: Readonly<Record<string, unknown>>): void {
    this.lastId++;
    const event = { at: new Date().toISOString(), ...fields, id: this.lastId, type } as FeedEvent;
    this.kept.push(event);
    if (this.kept.length > KEPT_MAX) this.kept.shift();
    for (const follower of this.followers) follower(event);
  }
}

// Of a list whose newest comes first: those since the one that was seen last, the oldest first.
function freshOf<T>(changes: readonly T[], seen: T | undefined): readonly T[] {
  const known = seen === undefined ? -1 : changes.indexOf(seen);
  return (known === -1 ? [...changes] : changes.slice(0, known)).reverse();
}
