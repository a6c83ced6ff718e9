// Asks a server to speak WebSocket, and reads what it answers (RFC 6455, 4.1): the client's role.
//
// The response is bounded by 8 KiB. Once a connection, so it makes strings.

import { encodeText } from "../bytes/utf8.ts";
import {
  HEAD_NEEDS_MORE,
  HEAD_SIZE_MAX,
  HEAD_TOO_LARGE,
  type HttpHead,
  hasMember,
  readHttpHead,
} from "./http-head.ts";

/** What `readUpgradeResponse` answers while the response is not complete and nothing is wrong. */
export const NEED_MORE = 0;
/** Not HTTP/1.1, or 101 without what must come with it, or with an extension nobody asked for. */
export const RESPONSE_MALFORMED = -1;
export const RESPONSE_TOO_LARGE = -2;
/** HTTP, with a status other than 101. */
export const NOT_UPGRADED = -3;
/** Sec-WebSocket-Accept is not what our key makes. */
export const WRONG_ACCEPT = -4;
/** The subprotocol is missing, or is not the one that we named [MQTT-6.0.0-4]. */
export const NO_SUBPROTOCOL = -5;

const SUBPROTOCOL = "mqtt";
const STATUS_LINE = /^HTTP\/1\.1 (\d{3})( |$)/;

export interface UpgradeWish {
  /** The Host field: `a.example` or `a.example:8083`. */
  readonly host: string;
  /** `/mqtt` */
  readonly path: string;
  /** `makeKey` of accept-key.ts. */
  readonly key: string;
  /** The subprotocol: `mqtt`. */
  readonly protocol: string;
}

/** The most bytes of a request beside its host and path. */
export const UPGRADE_REQUEST_SIZE = 170;

/** Writes the request. @returns its size: UPGRADE_REQUEST_SIZE at most beside host and path */
export function writeUpgradeRequest(bytes: Uint8Array, at: number, wish: UpgradeWish): number {
  const text = encodeText(
    `GET ${wish.path} HTTP/1.1\r\n` +
      `Host: ${wish.host}\r\n` +
      "Upgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      `Sec-WebSocket-Key: ${wish.key}\r\n` +
      "Sec-WebSocket-Version: 13\r\n" +
      `Sec-WebSocket-Protocol: ${wish.protocol}\r\n\r\n`,
  );
  bytes.set(text, at);
  return text.length;
}

/**
 * Reads the response from the start of a stream; may be called again whenever more has arrived.
 * @param offset where the stream starts in `bytes`
 * @param length how many bytes are there; frames may follow the response
 * @param expectedAccept `acceptOf` the key that was sent
 * @returns the size of a response that upgrades, NEED_MORE, or a negative reason why it does not
 */
export function readUpgradeResponse(
  bytes: Uint8Array,
  offset: number,
  length: number,
  expectedAccept: string,
): number {
  const head = readHttpHead(bytes, offset, length, HEAD_SIZE_MAX);
  if (typeof head !== "number") return judgeResponse(head, expectedAccept);
  if (head === HEAD_NEEDS_MORE) return NEED_MORE;
  return head === HEAD_TOO_LARGE ? RESPONSE_TOO_LARGE : RESPONSE_MALFORMED;
}

function judgeResponse(head: HttpHead, expectedAccept: string): number {
  const status = STATUS_LINE.exec(head.startLine);
  if (status === null) return RESPONSE_MALFORMED;
  if (status[1] !== "101") return NOT_UPGRADED;
  const { fields } = head;
  const isUpgrade =
    fields.get("upgrade")?.toLowerCase() === "websocket" &&
    hasMember(head, "connection", "upgrade");
  if (!isUpgrade || fields.has("sec-websocket-extensions")) return RESPONSE_MALFORMED;
  if (fields.get("sec-websocket-accept") !== expectedAccept) return WRONG_ACCEPT;
  return fields.get("sec-websocket-protocol") === SUBPROTOCOL ? head.size : NO_SUBPROTOCOL;
}
