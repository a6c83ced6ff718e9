import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { listenerOf } from "../../../tests/fixtures/nginx-document.ts";

const PAIR = "ssl_certificate a.crt; ssl_certificate_key a.key;";
const tlsOf = (lines: string) => at(listenerOf(lines, "1883 ssl").plain, "tls");

test("nginx's defaults", () => {
  expect(tlsOf(PAIR)).toEqual({
    certificates: [{ certificate: "a.crt", key: "a.key" }],
    ciphers: "HIGH:!aNULL:!MD5",
    handshakeDeadline: "1m",
  });
});

test("certificates come in pairs, in one file or two, with what is stapled", () => {
  const two = `${PAIR} ssl_certificate b.pem; ssl_certificate_key b.pem;`;
  expect(at(tlsOf(two), "certificates", 1)).toBe("b.pem");
  const stapled = `${PAIR} ssl_stapling_file a.ocsp;`;
  expect(at(tlsOf(stapled), "certificates", 0, "ocsp")).toBe("a.ocsp");
});

test("clients that are verified", () => {
  const files = "ssl_client_certificate ca.pem; ssl_crl crl.pem;";
  const lines = `${PAIR} ssl_verify_client optional; ${files}`;
  expect(at(tlsOf(lines), "clientCertificate")).toEqual({
    ...{ mode: "optional", authorities: "ca.pem", revoked: "crl.pem", depth: 1 },
  });
  expect(at(tlsOf(`${lines} ssl_verify_depth 3;`), "clientCertificate", "depth")).toBe(3);
});

test("groups, deadlines and tickets", () => {
  const lines = "ssl_ecdh_curve X25519; ssl_handshake_timeout 5; ssl_session_tickets off;";
  const expected = { groups: "X25519", handshakeDeadline: "5s", tickets: false };
  expect(tlsOf(PAIR + lines)).toMatchObject(expected);
});

test.each([
  "",
  "ssl_certificate a.crt;",
  "ssl_certificate $ssl_server_name.crt; ssl_certificate_key a.key;",
  "ssl_certificate data:x; ssl_certificate_key a.key;",
  `${PAIR} ssl_verify_client optional_no_ca;`,
  `${PAIR} ssl_verify_client on; ssl_client_certificate a; ssl_trusted_certificate b;`,
])("%s is refused", (lines) => expect(listenerOf(lines, "1883 ssl").said).toHaveLength(1));

test("authorities of nobody are noticed", () => {
  const { said } = listenerOf(`${PAIR} ssl_client_certificate ca.pem;`, "1883 ssl");
  expect(said).toEqual([expect.stringContaining("notice")]);
});
