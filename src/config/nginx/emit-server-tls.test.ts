import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { poolOf } from "../../../tests/fixtures/nginx-document.ts";

const tlsOf = (server: string) => at(poolOf("", server).plain, "tls");
const VERIFY = "proxy_ssl on; proxy_ssl_verify on; proxy_ssl_trusted_certificate ca.pem;";

test("nginx verifies nobody unless told to", () => {
  expect(tlsOf("")).toBeUndefined();
  expect(tlsOf("proxy_ssl on;")).toEqual({ verify: "none", ciphers: "DEFAULT" });
});

test("the name is that of the upstream, unless there is another one", () => {
  const verified = { verify: "required", authorities: "ca.pem", serverName: "nodes" };
  expect(tlsOf(VERIFY)).toMatchObject(verified);
  expect(tlsOf(`${VERIFY} proxy_ssl_name a.example;`)).toMatchObject({ serverName: "a.example" });
});

test("our own certificate, versions and ALPN", () => {
  const own = "proxy_ssl_certificate a.crt; proxy_ssl_certificate_key a.key;";
  const rest = "proxy_ssl_protocols TLSv1.2; proxy_ssl_alpn mqtt;";
  expect(tlsOf(`${VERIFY} ${own} ${rest}`)).toMatchObject({
    ...{ certificate: "a.crt", key: "a.key", maxVersion: "1.2", alpn: ["mqtt"] },
  });
});

test.each(["proxy_ssl on; proxy_ssl_verify on;", "proxy_ssl on; proxy_ssl_name $hostname;"])(
  "%s is refused",
  (server) => expect(poolOf("", server).said).toHaveLength(1),
);
