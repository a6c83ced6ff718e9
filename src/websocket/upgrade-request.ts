// Reads the request with which a client asks to speak WebSocket (RFC 6455, 4.2.1).
//
// Any HTTP request is read; whether it is one to upgrade, and may be, is for judge-upgrade.ts.
// Bounded by sizeMax. Once a connection, so it makes strings and an object.

import {
  HEAD_NEEDS_MORE,
  HEAD_SIZE_MAX,
  HEAD_TOO_LARGE,
  type HttpHead,
  hasMember,
  isToken,
  membersOf,
  readHttpHead,
} from "./http-head.ts";

/** What `readUpgradeRequest` answers while the request is not complete and nothing is wrong. */
export const NEED_MORE = 0;
/** It is no HTTP request: minus the status to answer with, as for all that are refused. */
export const BAD_REQUEST = -400;
export const REQUEST_TOO_LARGE = -431;
export const VERSION_NOT_SUPPORTED = -505;

export interface UpgradeRequest {
  /** Bytes of the request; frames may follow. */
  readonly size: number;
  readonly method: string;
  /** Without the query: `/mqtt`. */
  readonly path: string;
  /** Behind the question mark; empty when there is none. */
  readonly query: string;
  /** Asked in HTTP/1.1 for a WebSocket, by Upgrade and Connection. */
  readonly isUpgrade: boolean;
  /** Empty when absent, as the texts below. */
  readonly host: string;
  /** What page a browser asks for, `https://a.example`. */
  readonly origin: string;
  /** Sec-WebSocket-Key. */
  readonly key: string;
  /** Sec-WebSocket-Version. */
  readonly version: string;
  /** Sec-WebSocket-Protocol, by the client's preference. */
  readonly protocols: readonly string[];
}

const HTTP_VERSION = /^HTTP\/(\d)\.(\d)$/;
/** A target as proxies are given it: only the part behind the host counts for us. */
const ABSOLUTE_FORM = /^https?:\/\/[^/?]+/i;

/**
 * Reads a request from the start of a stream; may be called again whenever more has arrived.
 * @param offset where the stream starts in `bytes`
 * @param length how many bytes are there; may reach beyond the request
 * @param sizeMax the largest request that is read
 * @returns the request; NEED_MORE; or minus the HTTP status to answer with (upgrade-answer.ts)
 */
export function readUpgradeRequest(
  bytes: Uint8Array,
  offset: number,
  length: number,
  sizeMax: number = HEAD_SIZE_MAX,
): UpgradeRequest | number {
  const head = readHttpHead(bytes, offset, length, sizeMax);
  if (typeof head !== "number") return readRequest(head);
  if (head === HEAD_NEEDS_MORE) return NEED_MORE;
  return head === HEAD_TOO_LARGE ? REQUEST_TOO_LARGE : BAD_REQUEST;
}

function readRequest(head: HttpHead): UpgradeRequest | number {
  const words = head.startLine.split(" ");
  if (words.length !== 3) return BAD_REQUEST;
  const [method, target, protocol] = words as [string, string, string];
  const version = HTTP_VERSION.exec(protocol);
  if (version === null || !isToken(method) || target === "") return BAD_REQUEST;
  if (version[1] !== "1") return VERSION_NOT_SUPPORTED;
  // "A server MUST ignore an Upgrade field in an HTTP/1.0 request" (RFC 9110, 7.8).
  const isUpgrade = version[2] !== "0" && asksForWebSocket(head);
  const [path, ...query] = target.replace(ABSOLUTE_FORM, "").split("?");
  const { size, fields } = head;
  return {
    ...{ size, method, isUpgrade },
    path: path === "" ? "/" : path!,
    query: query.join("?"),
    host: fields.get("host") ?? "",
    origin: fields.get("origin") ?? "",
    key: fields.get("sec-websocket-key") ?? "",
    version: fields.get("sec-websocket-version") ?? "",
    protocols: membersOf(head, "sec-websocket-protocol"),
  };
}

function asksForWebSocket(head: HttpHead): boolean {
  return hasMember(head, "upgrade", "websocket") && hasMember(head, "connection", "upgrade");
}
