import { describe, expect, test } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

const authority = new TestAuthority();
const { certificate, key } = authority.issue();
const files = new MemoryFiles({ "/a.pem": certificate + key, "/ca.pem": authority.certificate });

async function told(listener: string, pool = ""): Promise<readonly string[]> {
  const text = `listeners: { a: { listen: "0.0.0.0:1", pool: p, ${listener} } }
pools: { p: { ${pool} servers: ["10.0.0.1:1"] } }
`;
  const surroundings = { environment: {}, lookUp: async () => [], files };
  const { diagnostics } = await loadSettings({ file: "x", text }, surroundings);
  return diagnostics.map(formatDiagnostic);
}

const tls = (keys: string) => told(`tls: { certificates: [/a.pem], ${keys} }`);
const serverTls = (keys: string) => told("connections: 0", `tls: { ${keys} },`);
const has = (...parts: string[]) => parts.map((part) => expect.stringContaining(part));

describe("files", () => {
  test("are reported at the key that names them", async () => {
    expect(await told("tls: { certificates: [/none.pem] }")).toEqual([
      'x:1:71: "/none.pem" cannot be read: no such file',
    ]);
    expect(await tls("clientCertificate: { authorities: /none.pem }")).toEqual(has("/none.pem"));
    expect(await serverTls("authorities: /a.key")).toEqual(has("/a.key"));
  });

  test("are one certificate or one directory, and something at all", async () => {
    expect(await told("tls: { certificates: [{}] }")).toEqual(has("without a file"));
    const both = "tls: { certificates: [{ certificate: /a.pem, directory: / }] }";
    expect(await told(both)).toEqual(has("either a file or one of a directory"));
    const keyed = "tls: { certificates: [{ key: /a.key, directory: / }] }";
    expect((await told(keyed)).join()).toContain("key has no effect");
  });
});

describe("certificates of clients", () => {
  test("want authorities", async () => {
    expect(await tls("clientCertificate: { mode: optional }")).toEqual(has("nobody is named"));
    expect(await tls("clientCertificate: { authorities: /ca.pem }")).toEqual([]);
  });

  test("that nobody asks for want nothing", async () => {
    const keys = "clientCertificate: { mode: none, authorities: /ca.pem, depth: 2 }";
    expect(await tls(keys)).toEqual(has("authorities has no effect", "depth has no effect"));
  });

  test("are asked for where a pool knows clients by them", async () => {
    const stick = "stick: { by: certificate-name },";
    const client = "clientCertificate: { authorities: /ca.pem }";
    expect(await told("connections: 0", stick)).toEqual(has("asks for no certificate"));
    const hash = "balance: hash, hash: { key: certificate-subject },";
    expect(await told("connections: 0", hash)).toEqual(has("balances by certificate-subject"));
    expect(await told(`tls: { certificates: [/a.pem], ${client} }`, stick)).toEqual([]);
  });
});

describe("verification of servers", () => {
  test("is missed where it is off", async () => {
    expect(await serverTls("verify: none")).toEqual(has("warning: servers are not verified"));
    expect(await serverTls("verify: none, authorities: /none")).toEqual(
      has("not verified", "authorities has no effect"),
    );
  });

  test("wants a certificate to a key", async () => {
    expect(await serverTls("key: /a.pem")).toEqual(has("a key and no certificate"));
  });
});

describe("versions, ciphers and groups", () => {
  test("leave a version that can be spoken", async () => {
    expect(await tls("minVersion: 1.3, maxVersion: 1.2")).toEqual(has("above maxVersion"));
    expect(await tls("minVersion: 1.3")).toEqual([]);
  });

  test("have an effect", async () => {
    const ciphers = "ciphers: ECDHE-RSA-AES128-GCM-SHA256";
    expect(await tls(`minVersion: 1.3, ${ciphers}`)).toEqual(has("ciphers has no effect"));
    const suites = "cipherSuites: TLS_AES_128_GCM_SHA256";
    expect(await tls(`maxVersion: 1.2, ${suites}`)).toEqual(has("cipherSuites has no effect"));
    expect(await tls(`${ciphers}, ${suites}`)).toEqual([]);
  });

  test("exist", async () => {
    const known = "ECDHE-RSA-AES128-GCM-SHA256";
    expect(await tls(`ciphers: "${known}:RC9-SHA"`)).toEqual(has('OpenSSL knows no "RC9-SHA"'));
    expect(await tls('ciphers: "HIGH:!aNULL:@STRENGTH"')).toEqual([]);
    expect(await tls("cipherSuites: TLS_NONE")).toEqual(has('OpenSSL knows no "TLS_NONE"'));
    expect(await tls('groups: "X25519:P-256"')).toEqual([]);
    expect(await tls('groups: "X25519:P-257"')).toEqual(has('OpenSSL knows no "P-257"'));
  });
});
