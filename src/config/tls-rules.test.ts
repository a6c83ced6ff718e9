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

describe("ticket keys", () => {
  const keys = new MemoryFiles({
    ...Object.fromEntries(files.texts),
    "/etc/fairlead/t.key": new Uint8Array(80),
    "/short.key": new Uint8Array(48),
  });

  async function toldOf(shared: string, tls = "tls: { certificates: [/a.pem] }") {
    const text = `tls: { ${shared} }
listeners: { a: { listen: "0.0.0.0:1", pool: p, ${tls} } }
pools: { p: { servers: ["10.0.0.1:1"] } }
`;
    const surroundings = { environment: {}, lookUp: async () => [], files: keys };
    const file = "/etc/fairlead/x";
    const { settings, diagnostics } = await loadSettings({ file, text }, surroundings);
    return { shared: settings?.tls, said: diagnostics.map(formatDiagnostic) };
  }

  test("are read from files, which start at the folder of the configuration file", async () => {
    expect(await toldOf("ticketKeys: [t.key]")).toEqual({
      shared: {
        ticketRotationMs: 43_200_000,
        ticketKeys: { files: ["/etc/fairlead/t.key"], material: [new Uint8Array(80)] },
      },
      said: [],
    });
    expect((await toldOf("ticketKeys: []")).shared).toMatchObject({ ticketKeys: null });
  });

  test("are reported at the file that is no good", async () => {
    expect((await toldOf("ticketKeys: [t.key, /short.key]")).said).toEqual([
      '/etc/fairlead/x:1:28: "/short.key" holds a ticket key of 48 bytes, for AES-128, expected ' +
        "80 bytes, as `openssl rand 80` makes them",
    ]);
    const nine = Array.from({ length: 9 }, () => "t.key").join();
    expect((await toldOf(`ticketKeys: [${nine}]`)).said).toEqual(has("at most 8 files"));
  });

  test("are not rotated, and want somebody who gives tickets", async () => {
    const rotated = await toldOf("ticketKeys: [t.key], ticketRotation: 1h");
    expect(rotated.said).toEqual(has("warning: ticketRotation has no effect"));
    const none = "tls: { certificates: [/a.pem], tickets: false }";
    const unused = await toldOf("ticketKeys: [t.key]", none);
    expect(unused.said).toEqual(has("warning: ticketKeys has no effect"));
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
