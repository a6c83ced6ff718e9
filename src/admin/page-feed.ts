// The page's news: one state a tick, written once for everybody who watches, and the samples that
// its charts begin with.
//
// Bounded: READERS_MAX streams; who reads slowly is left out until it has taken what it was sent,
// and then sees the newest state: nothing is queued. Nobody watches: nothing is written, samples
// are taken all the same. Knows no HTTP: streams are handed in.

import { assert } from "../assert.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { History, type HistoryView, SAMPLE_EVERY_MS } from "./history.ts";
import { readEverything } from "./page-readings.ts";
import { describePage, type PageState } from "./page-state.ts";

const TICK_MS = 1_000;
/** Pages of more servers are large, and come with each sample only. */
const SERVERS_AT_EACH_TICK_MAX = 200;
export const READERS_MAX = 200;

/** What charts the page draws: the rest of the samples is for rates. */
const CHARTED: Readonly<Record<string, readonly string[]>> = {
  process: ["connections", "connects", "messagesIn", "messagesOut", "bytesIn", "bytesOut"],
  listener: ["connections", "connects"],
  pool: ["connections", "connects"],
  server: ["connections", "connects"],
};

/** Where one reader's stream goes; a response of Node is one. */
export interface FeedOutlet {
  readonly writableNeedDrain: boolean;
  write(text: string): unknown;
  end(): unknown;
}

export class PageFeed {
  private readonly supervisor: Supervisor;
  private readonly history = new History();
  private readonly readers = new Set<FeedOutlet>();
  private readonly timer: NodeJS.Timeout;
  private sampledAtMs = 0;

  constructor(supervisor: Supervisor) {
    this.supervisor = supervisor;
    this.sample();
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.timer.unref();
  }

  state(): PageState {
    return describePage(this.supervisor, this.history, Date.now());
  }

  charts(): HistoryView {
    return this.history.view((subject, name) => {
      return CHARTED[subject.split(" ", 1)[0]!]?.includes(name) ?? false;
    });
  }

  /** Pages that follow. */
  get readerCount(): number {
    return this.readers.size;
  }

  /** Whether as many follow as may. */
  get isFull(): boolean {
    return this.readers.size >= READERS_MAX;
  }

  /** Sends the reader a state at once, and each one that follows. @returns what ends that */
  add(reader: FeedOutlet): () => void {
    assert(!this.isFull, "whoever adds readers has asked whether there is room");
    this.readers.add(reader);
    reader.write(`retry: 2000\n${eventOf("state", this.state())}`);
    return () => void this.readers.delete(reader);
  }

  /** Ends every stream. */
  stop(): void {
    clearInterval(this.timer);
    for (const reader of this.readers) reader.end();
    this.readers.clear();
  }

  private tick(): void {
    const isSampleDue = performance.now() - this.sampledAtMs >= SAMPLE_EVERY_MS - TICK_MS / 2;
    if (isSampleDue) this.sample();
    if (this.readers.size === 0) return;
    const { servers } = this.supervisor.roster;
    if (isSampleDue || servers.length <= SERVERS_AT_EACH_TICK_MAX) this.tell();
  }

  private sample(): void {
    this.sampledAtMs = performance.now();
    this.history.take(this.sampledAtMs, readEverything(this.supervisor));
  }

  private tell(): void {
    const text = eventOf("state", this.state());
    for (const reader of this.readers) {
      if (!reader.writableNeedDrain) reader.write(text);
    }
  }
}

function eventOf(name: string, value: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(value)}\n\n`;
}
