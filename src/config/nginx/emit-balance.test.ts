import { expect, test } from "vitest";
import { poolOf } from "../../../tests/fixtures/nginx-document.ts";

test.each([
  ["", { balance: "smooth-round-robin" }],
  ["least_conn;", { balance: "smooth-least-connections" }],
  ["random;", { balance: "random", draws: 1 }],
  ["random two;", { balance: "random", draws: 2 }],
  ["random two least_conn;", { balance: "random", draws: 2 }],
  ["hash $remote_addr;", { hash: { key: "src,lower", type: "rehash" } }],
  ["hash $binary_remote_addr consistent;", { hash: { key: "source", type: "ketama" } }],
  ["hash $mqtt_preread_clientid;", { balance: "hash", hash: { key: "client-id", type: "rehash" } }],
  ["hash $mqtt_preread_username;", { hash: { key: "user-name", type: "rehash" } }],
  ["hash $ssl_client_s_dn;", { hash: { key: "certificate-subject", type: "rehash" } }],
  ["hash $server_port;", { hash: { key: "dst_port,lower", type: "rehash" } }],
])("%s", (lines, pool) => expect(poolOf(lines).plain).toMatchObject(pool));

test("ip_hash is for http blocks, and taken", () => {
  const { plain, said } = poolOf("ip_hash;");
  expect(plain).toMatchObject({ balance: "source-hash" });
  expect(said).toEqual([expect.stringContaining("notice")]);
});

test.each([
  "hash $remote_addr constant;",
  "random three;",
  "random two least_time=connect;",
  "random two most_conn;",
  "least_conn; random;",
  "hash $remote_addr; server 10.0.0.3:1 backup;",
  "least_time connect;",
])("%s is refused", (lines) => {
  const errors = poolOf(lines).said.filter((line) => !line.includes("notice"));
  expect(errors).toHaveLength(1);
});
