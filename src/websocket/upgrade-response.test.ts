import { describe, expect, test } from "vitest";
import { writeUpgradeAnswer } from "./upgrade-answer.ts";
import { readUpgradeRequest } from "./upgrade-request.ts";
import {
  NEED_MORE,
  NO_SUBPROTOCOL,
  NOT_UPGRADED,
  RESPONSE_MALFORMED,
  RESPONSE_TOO_LARGE,
  readUpgradeResponse,
  WRONG_ACCEPT,
  writeUpgradeRequest,
} from "./upgrade-response.ts";

const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const RIGHT = {
  upgrade: "Upgrade: websocket",
  connection: "Connection: Upgrade",
  accept: `Sec-WebSocket-Accept: ${ACCEPT}`,
  protocol: "Sec-WebSocket-Protocol: mqtt",
  extra: "Server: x",
};
const STATUS = "HTTP/1.1 101 Switching Protocols";

function make(wrong: Partial<typeof RIGHT> = {}, status = STATUS): string {
  return `${[status, ...Object.values({ ...RIGHT, ...wrong })].join("\r\n")}\r\n\r\n`;
}

function read(text: string): number {
  const bytes = new TextEncoder().encode(`xx${text}`);
  return readUpgradeResponse(bytes, 2, text.length, ACCEPT);
}

describe("writeUpgradeRequest", () => {
  test("is read as what it asks for", () => {
    const bytes = new Uint8Array(512);
    const key = "dGhlIHNhbXBsZSBub25jZQ==";
    const wish = { host: "broker.example:8083", path: "/mqtt?a=b", key, protocol: "mqtt" };
    const size = writeUpgradeRequest(bytes, 3, wish);
    expect(readUpgradeRequest(bytes, 3, size)).toEqual({
      ...{ size, method: "GET", path: "/mqtt", query: "a=b", isUpgrade: true, key },
      ...{ host: "broker.example:8083", origin: "", version: "13", protocols: ["mqtt"] },
    });
    expect(size - wish.host.length - wish.path.length).toBeLessThanOrEqual(170);
  });
});

describe("readUpgradeResponse", () => {
  test("takes what our own server role answers, and no byte of the frames behind it", () => {
    const bytes = new Uint8Array(512);
    const size = writeUpgradeAnswer(bytes, 0, { accept: ACCEPT, protocol: "mqtt" });
    expect(readUpgradeResponse(bytes, 0, size + 100, ACCEPT)).toBe(size);
  });

  test.each([
    ["as it should be", make(), make().length],
    ["in other cases", make({ upgrade: "UPGRADE: WebSocket", connection: "connection: upgrade" })],
    ["without a reason phrase", make({}, "HTTP/1.1 101")],
    ["a redirection", make({}, "HTTP/1.1 301 Moved Permanently"), NOT_UPGRADED],
    ["200", make({}, "HTTP/1.1 200 OK"), NOT_UPGRADED],
    ["403", "HTTP/1.1 403 Forbidden\r\n\r\n", NOT_UPGRADED],
    ["HTTP/1.0", make({}, "HTTP/1.0 101 Switching Protocols"), RESPONSE_MALFORMED],
    ["no HTTP", "MQTT\r\n\r\n", RESPONSE_MALFORMED],
    ["a CONNACK", "\x20\x02\x00\x00", RESPONSE_MALFORMED],
    ["no Upgrade", make({ upgrade: "X: y" }), RESPONSE_MALFORMED],
    ["another protocol", make({ upgrade: "Upgrade: h2c" }), RESPONSE_MALFORMED],
    ["no Connection", make({ connection: "X: y" }), RESPONSE_MALFORMED],
    [
      "an extension",
      make({ extra: "Sec-WebSocket-Extensions: permessage-deflate" }),
      RESPONSE_MALFORMED,
    ],
    ["no accept", make({ accept: "X: y" }), WRONG_ACCEPT],
    [
      "accept in another case",
      make({ accept: `Sec-WebSocket-Accept: ${ACCEPT.toLowerCase()}` }),
      WRONG_ACCEPT,
    ],
    ["no subprotocol", make({ protocol: "X: y" }), NO_SUBPROTOCOL],
    ["another", make({ protocol: "Sec-WebSocket-Protocol: mqttv3.1" }), NO_SUBPROTOCOL],
    ["8 kB and no end", "HTTP/1.1 101 ".padEnd(8192, "x"), RESPONSE_TOO_LARGE],
  ])("%s", (_name, text, verdict = text.length) => {
    expect(read(text)).toBe(verdict);
  });

  test("needs more of every prefix", () => {
    for (let size = 0; size < make().length; size++) {
      expect(read(make().slice(0, size))).toBe(NEED_MORE);
    }
  });
});
