// Writes what a request to speak WebSocket is answered with (RFC 6455, 4.2.2): 101, or why not.
//
// At most HTTP_ANSWER_SIZE_MAX bytes. An answer that refuses has a short text for people and asks
// to close. Once a connection, so it makes strings.

import { assert } from "../assert.ts";

/** No answer is larger. */
export const HTTP_ANSWER_SIZE_MAX = 512;

interface Refusal {
  readonly name: string;
  /** For whoever typed the address into a browser. */
  readonly text: string;
  /** Fields that the status asks for, each with its line's end. */
  readonly fields?: string;
}

const WEBSOCKET_WANTED = "This address speaks MQTT over WebSocket, version 13";

const REFUSALS: Readonly<Record<number, Refusal>> = {
  400: { name: "Bad Request", text: "This is not a valid request for MQTT over WebSocket" },
  403: { name: "Forbidden", text: "Pages of this origin may not connect" },
  404: { name: "Not Found", text: "MQTT over WebSocket is at another path" },
  405: { name: "Method Not Allowed", text: WEBSOCKET_WANTED, fields: "Allow: GET\r\n" },
  408: { name: "Request Timeout", text: "The request took too long" },
  426: {
    name: "Upgrade Required",
    text: WEBSOCKET_WANTED,
    fields: "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
  },
  431: { name: "Request Header Fields Too Large", text: "The request is too large" },
  503: { name: "Service Unavailable", text: "There is no room for another connection" },
  505: { name: "HTTP Version Not Supported", text: "HTTP/1.1 is spoken here" },
};

/**
 * Writes the answer that upgrades; frames follow.
 * @param answer what judge-upgrade.ts found
 * @returns its size in bytes
 */
export function writeUpgradeAnswer(
  bytes: Uint8Array,
  at: number,
  answer: { readonly accept: string; readonly protocol: string },
): number {
  const protocol = answer.protocol === "" ? "" : `Sec-WebSocket-Protocol: ${answer.protocol}\r\n`;
  return writeAscii(
    bytes,
    at,
    "HTTP/1.1 101 Switching Protocols\r\n" +
      "Upgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${answer.accept}\r\n` +
      `${protocol}\r\n`,
  );
}

/**
 * Writes an answer that refuses; the connection is to be closed after it.
 * @param status 400, 403, 404, 405, 408, 426, 431, 503 or 505
 * @returns its size in bytes
 */
export function writeHttpAnswer(bytes: Uint8Array, at: number, status: number): number {
  const refusal = REFUSALS[status];
  assert(refusal !== undefined, "a refusal has one of the statuses of the table");
  // Upgrade is a field between neighbours, and must be named as such (RFC 9110, 7.8).
  const connection = status === 426 ? "Upgrade, close" : "close";
  const body = `${refusal.text}\n`;
  return writeAscii(
    bytes,
    at,
    `HTTP/1.1 ${status} ${refusal.name}\r\n` +
      `${refusal.fields ?? ""}` +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      `Content-Length: ${body.length}\r\n` +
      `Connection: ${connection}\r\n\r\n` +
      body,
  );
}

function writeAscii(bytes: Uint8Array, at: number, text: string): number {
  assert(
    text.length <= HTTP_ANSWER_SIZE_MAX,
    "an answer is as large as its readers expect at most",
  );
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
  return text.length;
}
