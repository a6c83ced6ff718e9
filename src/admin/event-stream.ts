// Events over HTTP: server-sent events, one stream a reader (WHATWG HTML, 9.2).
//
// Bounded: STREAMS_MAX readers, and UNREAD_MAX_BYTES that one has not read yet; who is slower
// is cut off and may come back with Last-Event-ID. Nobody waits for a reader.

import type { ServerResponse } from "node:http";
import type { EventFeed, FeedEvent } from "./event-feed.ts";
import { ProblemError } from "./problem.ts";

export const STREAMS_MAX = 64;
export const UNREAD_MAX_BYTES = 64 * 1024;
/** Proxies end connections that are silent; a comment is not. */
const COMMENT_EVERY_MS = 15_000;

/** Of a stream of events: nobody keeps it, or holds it back. */
export const SSE_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-accel-buffering": "no",
} as const;

export class EventStreams {
  private readonly feed: EventFeed;
  private readonly open = new Set<ServerResponse>();
  private readonly timer: NodeJS.Timeout;
  private cutOff = 0;

  constructor(feed: EventFeed) {
    this.feed = feed;
    this.timer = setInterval(() => this.comment(), COMMENT_EVERY_MS);
    this.timer.unref();
  }

  get count(): number {
    return this.open.size;
  }

  /** Readers who were cut off because they were too slow, ever. */
  get cutOffCount(): number {
    return this.cutOff;
  }

  /** @throws ProblemError 503 when as many follow as may */
  checkRoom(): void {
    if (this.open.size < STREAMS_MAX) return;
    throw new ProblemError(503, `${STREAMS_MAX} readers follow events already, and no more may`);
  }

  /**
   * Writes events until the reader leaves or falls behind.
   * @param lastEventId what a reader that was here before has seen last; else empty
   */
  serve(response: ServerResponse, lastEventId: string): void {
    response.writeHead(200, SSE_HEADERS);
    this.open.add(response);
    this.write(response, ": events of Fairlead\n\n");
    const after = /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : null;
    const leave = this.feed.follow((event) => this.write(response, formatEvent(event)), after);
    response.once("close", () => {
      leave();
      this.open.delete(response);
    });
    // A reader that resets is one that leaves: close follows.
    response.on("error", () => {});
  }

  stop(): void {
    clearInterval(this.timer);
    for (const response of this.open) response.destroy();
  }

  private comment(): void {
    for (const response of this.open) this.write(response, ": still here\n\n");
  }

  private write(response: ServerResponse, text: string): void {
    if (response.destroyed) return;
    response.write(text);
    if (response.writableLength <= UNREAD_MAX_BYTES) return;
    this.cutOff++;
    response.destroy();
  }
}

export function formatEvent(event: FeedEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
