import { describe, expect, test } from "vitest";
import {
  BAD_REQUEST,
  NEED_MORE,
  REQUEST_TOO_LARGE,
  readUpgradeRequest,
  type UpgradeRequest,
  VERSION_NOT_SUPPORTED,
} from "./upgrade-request.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const FIELDS = [
  "Host: broker.example:8083",
  "Upgrade: websocket",
  "Connection: keep-alive, Upgrade",
  `Sec-WebSocket-Key: ${KEY}`,
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Protocol: chat, mqtt",
  "Sec-WebSocket-Protocol: mqttv3.1",
  "Origin: https://A.example",
];

const make = (line: string, fields = FIELDS) => `${[line, ...fields].join("\r\n")}\r\n\r\n`;

function read(text: string): UpgradeRequest | number {
  const bytes = new TextEncoder().encode(`xx${text}`);
  return readUpgradeRequest(bytes, 2, text.length);
}

function readWhole(text: string): UpgradeRequest {
  const request = read(text);
  if (typeof request === "number") throw new Error(`Cannot read request: ${request}`);
  return request;
}

describe("readUpgradeRequest", () => {
  test("reads what a browser sends", () => {
    const text = make("GET /mqtt?token=a?b HTTP/1.1");
    expect(readWhole(`${text}frames`)).toEqual({
      ...{ size: text.length, method: "GET", path: "/mqtt", query: "token=a?b", isUpgrade: true },
      ...{ host: "broker.example:8083", origin: "https://A.example", key: KEY, version: "13" },
      protocols: ["chat", "mqtt", "mqttv3.1"],
    });
  });

  test("reads a plain request", () => {
    expect(readWhole("HEAD / HTTP/1.0\r\n\r\n")).toEqual({
      ...{ size: 19, method: "HEAD", path: "/", query: "", isUpgrade: false },
      ...{ host: "", origin: "", key: "", version: "", protocols: [] },
    });
  });

  test.each([
    ["http://broker.example/mqtt", "/mqtt", ""],
    ["https://broker.example:8084?a=b", "/", "a=b"],
    ["HTTP://broker.example", "/", ""],
    ["/mqtt?", "/mqtt", ""],
    ["*", "*", ""],
    ["/http://x/mqtt", "/http://x/mqtt", ""],
  ])("target %s", (target, path, query) => {
    const request = readWhole(make(`GET ${target} HTTP/1.1`));
    expect([request.path, request.query]).toEqual([path, query]);
  });

  test.each([
    ["HTTP/1.0", make("GET /mqtt HTTP/1.0")],
    ["no Upgrade", make("GET /mqtt HTTP/1.1", [FIELDS[0]!, FIELDS[2]!])],
    ["no Connection", make("GET /mqtt HTTP/1.1", [FIELDS[0]!, FIELDS[1]!])],
    ["another protocol", make("GET / HTTP/1.1", ["Upgrade: h2c", "Connection: Upgrade"])],
    ["a close", make("GET / HTTP/1.1", ["Upgrade: websocket", "Connection: close"])],
  ])("%s is no upgrade", (_name, text) => {
    expect(readWhole(text).isUpgrade).toBe(false);
  });

  test("an upgrade in other cases and among others is one", () => {
    const fields = ["UPGRADE: h2c, WebSocket", "connection: UPGRADE"];
    expect(readWhole(make("GET / HTTP/1.1", fields)).isUpgrade).toBe(true);
  });

  test.each([
    ["MQTT", "\x10\x0c\x00\x04MQTT", BAD_REQUEST],
    ["two words", make("GET /mqtt"), BAD_REQUEST],
    ["four words", make("GET /mqtt x HTTP/1.1"), BAD_REQUEST],
    ["two blanks", make("GET  /mqtt HTTP/1.1"), BAD_REQUEST],
    ["a method that is no token", make("G(ET /mqtt HTTP/1.1"), BAD_REQUEST],
    ["no target", make("GET  HTTP/1.1"), BAD_REQUEST],
    ["another protocol", make("GET /mqtt SIP/2.0"), BAD_REQUEST],
    ["a long version", make("GET /mqtt HTTP/1.10"), BAD_REQUEST],
    ["HTTP/2", make("PRI * HTTP/2.0", []), VERSION_NOT_SUPPORTED],
    ["a field that is none", make("GET /mqtt HTTP/1.1", ["x"]), BAD_REQUEST],
    ["8 kB and no end", "GET /".padEnd(8192, "x"), REQUEST_TOO_LARGE],
  ])("refuses %s", (_name, text, verdict) => {
    expect(read(text)).toBe(verdict);
  });

  test("needs more of every prefix", () => {
    const text = make("GET /mqtt HTTP/1.1");
    for (let size = 0; size < text.length; size++) {
      expect(read(text.slice(0, size))).toBe(NEED_MORE);
    }
  });
});
