import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { listenerOf } from "../../../tests/fixtures/nginx-document.ts";

function tlsOf(lines: string) {
  const pair = "ssl_certificate a.pem; ssl_certificate_key a.pem;";
  const { plain, said } = listenerOf(pair + lines, "1883 ssl");
  return { tls: at(plain, "tls"), said };
}

test.each([
  ["ssl_protocols TLSv1.2 TLSv1.3;", undefined, undefined],
  ["ssl_protocols TLSv1.3;", "1.3", undefined],
  ["ssl_protocols TLSv1.2;", undefined, "1.2"],
])("%s", (lines, min, max) => {
  const { tls, said } = tlsOf(lines);
  expect([at(tls, "minVersion"), at(tls, "maxVersion")]).toEqual([min, max]);
  expect(said).toEqual([]);
});

test("old versions are left out, and none is left then", () => {
  expect(tlsOf("ssl_protocols TLSv1 TLSv1.2;").said).toHaveLength(1);
  expect(tlsOf("ssl_protocols TLSv1;").said).toHaveLength(2);
  expect(tlsOf("ssl_protocols TLSv4;").said).toHaveLength(1);
});

test("ciphers and ALPN", () => {
  const { tls } = tlsOf("ssl_ciphers HIGH; ssl_alpn mqtt other;");
  expect(tls).toMatchObject({ ciphers: "HIGH", alpn: ["mqtt", "other"] });
  expect(at(tlsOf("ssl_protocols TLSv1.3;").tls, "ciphers")).toBeUndefined();
});
