import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { listenerOf, poolOf } from "../../../tests/fixtures/nginx-document.ts";

test.each([
  ["$remote_addr", "src,lower"],
  ["$server_port", "dst_port,lower"],
  ["$ssl_cipher", "ssl_fc_cipher"],
  ["$ssl_client_fingerprint", "ssl_c_sha1,hex,lower"],
  ["it", "str('it')"],
])("%s as a text", (variable, key) => {
  expect(at(poolOf(`hash ${variable};`).plain, "hash", "key")).toBe(key);
});

test("a text with several variables is no expression", () => {
  const { said } = poolOf("hash $remote_addr$server_port;");
  expect(said).toEqual([expect.stringContaining("joins several values")]);
});

test("it is a template where rules write fields", () => {
  const { plain } = listenerOf('mqtt on; mqtt_set_connect username "$hostname/$remote_addr";');
  expect(at(plain, "rules", "content", 0)).toBe("set-user-name %[hostname]/%[src]");
});
