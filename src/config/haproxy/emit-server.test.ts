import { expect, test } from "vitest";
import { at, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

const server = (options: string) => {
  const { plain, said } = poolOf(`  balance first\n  server other 10.0.0.9:1883`, options);
  return { server: at(plain, "servers", 1), said };
};

test("a server has what its options say", () => {
  const made = server(
    "weight 3 maxconn 7 id 9 hash-key addr backup disabled slowstart 1500 track x/y",
  );
  expect(made.said).toEqual([]);
  expect(made.server).toEqual({
    name: "a",
    address: "10.0.0.1:1883",
    weight: 3,
    connections: 7,
    id: 9,
    hashKey: "address",
    slowStart: "1s500ms",
    backup: true,
    state: "maintenance",
    track: "x/y",
  });
});

test.each([
  ["send-proxy", "v1"],
  ["send-proxy-v2", "v2"],
  ["send-proxy-v2-ssl", { version: "v2", tlvs: ["ssl"] }],
  ["send-proxy-v2-ssl-cn", { version: "v2", tlvs: ["ssl", "ssl-cn"] }],
  [
    "send-proxy-v2 proxy-v2-options unique-id,cert-key",
    { version: "v2", tlvs: ["unique-id", "ssl-key"] },
  ],
  ["send-proxy no-send-proxy", undefined],
])("%s", (options, header) => expect(at(server(options).server, "proxyProtocol")).toEqual(header));

test.each([
  "weight x",
  "on-marked-up what",
  "slowstart 1.5s",
  "hash-key what",
  "proxy-v2-options x send-proxy-v2",
])("%s is a mistake, once", (options) => expect(server(options).said).toHaveLength(1));

test.each([
  ["non-stick", false],
  ["non-stick stick", undefined],
  ["stick non-stick", false],
  ["stick", undefined],
])("%s", (options, stick) => {
  const made = server(options);
  expect([at(made.server, "stick"), made.said]).toEqual([stick, []]);
});

test.each([
  ["maxconn 7", 7, undefined, 0],
  ["minconn 3 maxconn 7", 7, 3, 0],
  ["minconn 7 maxconn 7", 7, undefined, 0],
  ["minconn 0 maxconn 7", 7, undefined, 0],
  ["minconn 3", 3, undefined, 1],
  ["minconn 9 maxconn 7", 9, undefined, 1],
  ["minconn 9 maxconn 0", 9, undefined, 1],
  ["minconn x maxconn 7", 7, undefined, 1],
])("%s", (options, connections, connectionsFrom, saidCount) => {
  const made = server(options);
  expect(made.server).toMatchObject({ connections });
  expect(at(made.server, "connectionsFrom")).toBe(connectionsFrom);
  expect(made.said).toHaveLength(saidCount);
});
