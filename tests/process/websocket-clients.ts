// WebSocket clients for tests: frames byte by byte on a raw socket, where the package ws would be
// too polite, and a wait for what ws is told.

import { createConnection } from "node:net";
import type WebSocket from "ws";
import { RudeClient } from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

const END_OF_HEAD = "\r\n\r\n";

/** Upgrades on a raw socket. @returns the client, with what came behind the answer's head */
export async function upgradeRaw(port: number, path = "/mqtt"): Promise<RudeClient> {
  const client = await askRaw(port, [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol: mqtt",
  ]);
  const head = await waitUntil("the answer", () => {
    const end = client.received.indexOf(END_OF_HEAD);
    return end < 0 ? null : client.received.subarray(0, end + END_OF_HEAD.length);
  });
  if (!head.toString().startsWith("HTTP/1.1 101 ")) throw new Error(`Cannot upgrade: ${head}`);
  client.received = client.received.subarray(head.length);
  return client;
}

/** Sends a request, given by its lines. */
export async function askRaw(port: number, lines: readonly string[]): Promise<RudeClient> {
  const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
  const client = new RudeClient(socket);
  socket.write(lines.join("\r\n") + END_OF_HEAD);
  return client;
}

/** @returns the code in the close frame at the end of what a raw client got; null without one */
export function closeCodeOf({ received }: RudeClient): number | null {
  const at = received.length - 4;
  const isClose = at >= 0 && received[at] === 0x88 && received[at + 1] === 2;
  return isClose ? received.readUInt16BE(at + 2) : null;
}

/** Waits until a WebSocket is open; rejects with the status of a refusal. */
export function opened(webSocket: WebSocket): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    webSocket.once("open", () => resolve(webSocket));
    webSocket.once("error", reject);
  });
}

/** @returns the code that a WebSocket is closed with */
export function closed(webSocket: WebSocket): Promise<number> {
  return new Promise((resolve) => webSocket.once("close", (code) => resolve(code)));
}
