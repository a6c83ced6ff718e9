// Traces over HTTP: one stream of server-sent events for each, from when it is asked for until its
// client has gone, or its reader.
//
// Bounded: TRACES_MAX at a time, and UNREAD_MAX_BYTES that a reader has not read yet; what comes
// while there is more of it is counted and said, and workers wait for nobody.

import type { ServerResponse } from "node:http";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { TRACES_MAX, type TraceEvent } from "../supervisor/traces.ts";
import type { Actions, Actor } from "./actions.ts";
import { SSE_HEADERS } from "./event-stream.ts";
import { ProblemError } from "./problem.ts";
import { describeTrace, type ShownTrace } from "./trace-events.ts";

const UNREAD_MAX_BYTES = 256 * 1024;
/** Proxies end connections that are silent; a comment is not. */
const COMMENT_EVERY_MS = 15_000;

export interface TraceQuery {
  /** The whole client id. */
  readonly client: string;
  readonly payload: boolean;
  /** Stays when the client has gone, for when it comes back. */
  readonly follow: boolean;
  /** Bytes of each packet. */
  readonly bytes: number;
}

export interface TraceStreamsOptions {
  readonly supervisor: Supervisor;
  readonly actions: Actions;
}

export class TraceStreams {
  private readonly options: TraceStreamsOptions;
  private readonly open = new Set<ServerResponse>();

  constructor(options: TraceStreamsOptions) {
    this.options = options;
  }

  /** @throws ProblemError 503 when as many traces run as may */
  checkRoom(): void {
    if (this.options.supervisor.traces.count < TRACES_MAX) return;
    throw new ProblemError(503, `${TRACES_MAX} clients are traced already, and no more may be`);
  }

  /** Writes what passes until the client has gone, the reader has, or all ends. */
  serve(response: ServerResponse, query: TraceQuery, actor: Actor): void {
    const { supervisor, actions } = this.options;
    const { client, payload, follow, bytes: keepMax } = query;
    response.writeHead(200, SSE_HEADERS);
    const stream = new TraceStream(response);
    const here = new Set<string>();
    const onEvent = (event: TraceEvent) => {
      stream.write(describeTrace(supervisor, event, payload));
      if (event.kind === "opened") here.add(event.connection);
      if (event.kind !== "closed") return;
      here.delete(event.connection);
      if (here.size === 0 && !follow) stream.end();
    };
    const clientId = new TextEncoder().encode(client);
    const onLost = (what: "packets" | "connections", count: number) => stream.tellLost(what, count);
    actions.trace(actor, client, payload);
    stream.comment("trace of Fairlead");
    const stop = supervisor.traces.start({ clientId, keepMax, onEvent, onLost });
    this.open.add(response);
    const timer = setInterval(() => stream.comment("still here"), COMMENT_EVERY_MS);
    response.once("close", () => {
      clearInterval(timer);
      stop?.();
      this.open.delete(response);
    });
    // A reader that resets is one that leaves: close follows.
    response.on("error", () => {});
  }

  stop(): void {
    for (const response of this.open) response.destroy();
  }
}

// One reader.
class TraceStream {
  private readonly response: ServerResponse;
  /** Events that the reader was too slow for. */
  private unwritten = 0;

  constructor(response: ServerResponse) {
    this.response = response;
  }

  write(shown: ShownTrace): void {
    const { response } = this;
    if (response.destroyed || response.writableEnded) return;
    const isOther = shown.event !== "packet";
    if (response.writableLength > UNREAD_MAX_BYTES && !isOther) {
      this.unwritten++;
      return;
    }
    const unwritten = this.unwritten;
    this.unwritten = 0;
    if (unwritten > 0) this.tellLost("packets", unwritten);
    response.write(`event: ${shown.event}\ndata: ${JSON.stringify(shown)}\n\n`);
  }

  tellLost(what: "packets" | "connections", count: number): void {
    const lost = what === "packets" ? { packets: count } : { connections: count };
    this.write({ at: new Date().toISOString(), event: "lost", ...lost });
  }

  comment(text: string): void {
    if (!this.response.destroyed && !this.response.writableEnded) {
      this.response.write(`: ${text}\n\n`);
    }
  }

  end(): void {
    this.response.end();
  }
}
