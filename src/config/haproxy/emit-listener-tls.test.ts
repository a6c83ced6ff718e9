import { expect, test } from "vitest";
import { at, listenersOf } from "../../../tests/fixtures/haproxy-document.ts";

const FILES = {
  "both.pem": "CERTIFICATE PRIVATE KEY",
  "alone.pem": "CERTIFICATE",
  "stapled.pem": "CERTIFICATE PRIVATE KEY",
  "stapled.pem.ocsp": "DER",
  "list.txt": "both.pem\n# no more\nalone.pem [alpn h2] a.example\n",
};

const tls = (options: string) => {
  const { plain, said } = listenersOf(
    `  timeout client-hs 9s\n  bind *:8883 ssl ${options}`,
    FILES,
  );
  return { tls: at(plain, "mqtt", "tls"), said };
};

test("certificates have their keys with them or beside them", () => {
  expect(at(tls("crt both.pem crt alone.pem crt stapled.pem").tls, "certificates")).toEqual(
    [
      "../both.pem",
      { certificate: "../alone.pem", key: "../alone.pem.key" },
      { certificate: "../stapled.pem", ocsp: "../stapled.pem.ocsp" },
    ].map(withoutParent),
  );
});

/** The file of the tests lies in the working directory. */
function withoutParent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll("../", ""));
}

test("a list of certificates is read, without options of its own", () => {
  const { tls: made, said } = tls("crt-list list.txt");
  expect(at(made, "certificates", 0)).toBe("both.pem");
  expect(said).toEqual([expect.stringContaining('line 3 of "list.txt"')]);
  expect(tls("crt-list none.txt").said[0]).toContain("cannot be read");
});

test("clients' certificates, versions and the rest have keys of their own", () => {
  const options =
    "crt both.pem ca-file ca.pem crl-file crl.pem verify required ciphers A ciphersuites B";
  expect(tls(`${options} force-tlsv12 no-strict-sni tls-tickets`).tls).toEqual({
    certificates: ["both.pem"],
    maxVersion: "1.2",
    ciphers: "A",
    cipherSuites: "B",
    clientCertificate: { mode: "required", authorities: "ca.pem", revoked: "crl.pem" },
    handshakeDeadline: "9s",
  });
});
