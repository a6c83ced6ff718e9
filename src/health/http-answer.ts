// Reads one HTTP/1 answer as it comes in: status line, headers, body (RFC 9112).
//
// Bounded by ANSWER_SIZE_MAX: a longer body is cut there and counts as whole. Bytes are read as
// latin-1, so that patterns see each byte as one character. Pure.

import { ANSWER_SIZE_MAX, joinBytes } from "./conversation.ts";

export interface HttpHead {
  readonly status: number;
  /** By name in lower case; of several of a name the values are joined by ", " (RFC 9110, 5.3). */
  readonly headers: ReadonlyMap<string, string>;
}

/** What an answer turned out not to be. */
export type NotHttp = "not HTTP" | "head too long";

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: [^\r\n]*)?$/;
const HEAD_END = "\r\n\r\n";
const STATUSES_WITHOUT_BODY = [204, 304];

export class HttpAnswer {
  head: HttpHead | null = null;
  body = "";
  problem: NotHttp | null = null;
  private bytes: Uint8Array = new Uint8Array(0);
  private bodyAt = 0;
  private readonly isBodyAwaited: boolean;
  private isWhole = false;

  /** @param method of the request: an answer to HEAD has no body */
  constructor(method: string) {
    this.isBodyAwaited = method !== "HEAD";
  }

  add(bytes: Uint8Array): void {
    const room = ANSWER_SIZE_MAX - this.bytes.length;
    this.bytes = joinBytes(this.bytes, bytes.subarray(0, room));
    const text = Buffer.from(this.bytes).toString("latin1");
    if (this.head === null) this.readHead(text);
    if (this.head !== null) this.readBody(text.slice(this.bodyAt), this.head);
  }

  /** Whether nothing more is to come, as far as the answer itself says. */
  get isComplete(): boolean {
    return this.isWhole || this.bytes.length >= ANSWER_SIZE_MAX;
  }

  private readHead(text: string): void {
    const end = text.indexOf(HEAD_END);
    if (end === -1) {
      this.problem = whyNoHead(text);
      return;
    }
    const [first = "", ...lines] = text.slice(0, end).split("\r\n");
    const status = STATUS_LINE.exec(first)?.[1];
    if (status === undefined) {
      this.problem = "not HTTP";
      return;
    }
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers.set(name, headers.has(name) ? `${headers.get(name)}, ${value}` : value);
    }
    this.head = { status: Number(status), headers };
    this.bodyAt = end + HEAD_END.length;
  }

  private readBody(received: string, { status, headers }: HttpHead): void {
    if (!this.isBodyAwaited || STATUSES_WITHOUT_BODY.includes(status)) {
      this.isWhole = true;
    } else if (/\bchunked\b/i.test(headers.get("transfer-encoding") ?? "")) {
      const { body, isWhole } = joinChunks(received);
      this.body = body;
      this.isWhole = isWhole;
    } else {
      const length = Number(headers.get("content-length") ?? Number.POSITIVE_INFINITY);
      this.body = received.slice(0, length);
      this.isWhole = received.length >= length;
    }
  }
}

function whyNoHead(text: string): NotHttp | null {
  if (!"HTTP/1.".startsWith(text.slice(0, 7))) return "not HTTP";
  return text.length >= ANSWER_SIZE_MAX ? "head too long" : null;
}

/** RFC 9112, 7.1; a chunk that makes no sense ends the body. */
function joinChunks(text: string): { readonly body: string; readonly isWhole: boolean } {
  let body = "";
  let at = 0;
  for (;;) {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd === -1) return { body, isWhole: false };
    const size = Number.parseInt(text.slice(at, lineEnd), 16);
    if (!(size > 0)) return { body, isWhole: true };
    const start = lineEnd + 2;
    body += text.slice(start, start + size);
    at = start + size + 2;
    if (at > text.length) return { body, isWhole: false };
  }
}
