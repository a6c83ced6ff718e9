// How news come: a first state, then events; asking again every while where events do not pass.
//
//   connecting ──> live ──> away ──> live ...      the balancer restarts: found again by itself
//                    └────> polling                something between us swallows streams
//
// Bounded: one stream or one request at a time. A stream that is silent is given up.

import type { PageStart } from "../page-routes.ts";
import type { PageState } from "../page-state.ts";
import { browser, type MessageStream } from "./browser.ts";
import type { Link } from "./model.ts";

const AGAIN_MS = 2_000;
/** News come every second or three: a stream that is silent for so long is dead. */
const SILENCE_MS = 12_000;
/** Streams that brought nothing, after which the page asks instead. */
const FAILURES_MAX = 2;
/** While asking: every so many times a stream is tried again. */
const STREAM_EVERY = 30;

export interface NewsReader {
  readonly onStart: (start: PageStart) => void;
  readonly onState: (state: PageState) => void;
  readonly onLink: (link: Link) => void;
}

export class News {
  private readonly reader: NewsReader;
  private stream: MessageStream | null = null;
  private silence: ReturnType<typeof setTimeout> | undefined;
  /** Streams in a row that brought nothing. */
  private failures = 0;
  private asked = 0;

  constructor(reader: NewsReader) {
    this.reader = reader;
  }

  /** Asks for everything, then follows; tries again until it can. */
  async follow(): Promise<void> {
    try {
      const response = await fetch(new URL("now", import.meta.url));
      if (!response.ok) throw new Error(`Cannot read news: status ${response.status}`);
      this.reader.onStart((await response.json()) as PageStart);
      this.asked++;
    } catch {
      // The balancer restarts, or the network is away: the page says so and asks again.
      this.again("away");
      return;
    }
    if (this.failures < FAILURES_MAX || this.asked % STREAM_EVERY === 0) this.open();
    else this.again("polling");
  }

  private open(): void {
    const stream = new browser.EventSource(new URL("stream", import.meta.url).href);
    this.stream = stream;
    this.watch();
    stream.addEventListener("state", ({ data: text }) => {
      this.failures = 0;
      this.watch();
      this.reader.onLink("live");
      this.reader.onState(JSON.parse(text) as PageState);
    });
    stream.addEventListener("error", () => this.lose());
  }

  private watch(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lose(), SILENCE_MS);
  }

  private lose(): void {
    clearTimeout(this.silence);
    this.stream?.close();
    this.stream = null;
    this.failures++;
    this.again("away");
  }

  private again(link: Link): void {
    this.reader.onLink(link);
    setTimeout(() => void this.follow(), AGAIN_MS);
  }
}
