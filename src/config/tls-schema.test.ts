import { describe, expect, test } from "vitest";
import { listenerTlsSchema, serverTlsSchema } from "./tls-schema.ts";

describe("tls of a listener", () => {
  const parse = (keys: object) => listenerTlsSchema.schema.parse(keys);

  test("takes certificates as files and as mappings", () => {
    const directory = { directory: "certs" };
    const pair = { certificate: "b.crt", key: "b.key", ocsp: "b.ocsp" };
    const { certificates } = parse({ certificates: ["a.pem", pair, directory] });
    expect(certificates).toEqual([{ certificate: "a.pem" }, pair, directory]);
    for (const wrong of [{}, { certificates: [] }, { certificates: "a.pem" }])
      expect(() => parse(wrong)).toThrow();
  });

  test("has modern defaults", () => {
    const tls = parse({ certificates: ["a.pem"] });
    expect(tls).toMatchObject({
      minVersion: "1.2",
      maxVersion: "1.3",
      strictServerName: false,
      alpn: [],
      handshakeDeadline: 15_000,
      tickets: true,
    });
    expect(tls.clientCertificate).toBeUndefined();
    for (const cipher of tls.ciphers.split(":")) expect(cipher).toMatch(/^ECDHE-.*(GCM|POLY)/);
  });

  test("takes versions with and without quotes", () => {
    const keys = { certificates: ["a.pem"], minVersion: 1.2, maxVersion: "1.2" };
    expect(parse(keys)).toMatchObject({ minVersion: "1.2", maxVersion: "1.2" });
    expect(() => parse({ ...keys, minVersion: "1.1" })).toThrow();
  });

  test("requires clients' certificates where nothing else is said of them", () => {
    const tls = parse({ certificates: ["a.pem"], clientCertificate: { authorities: "ca.pem" } });
    expect(tls.clientCertificate).toEqual({ mode: "required", authorities: "ca.pem", depth: 4 });
  });
});

describe("tls towards servers", () => {
  test("verifies unless told otherwise", () => {
    expect(serverTlsSchema.schema.parse({})).toMatchObject({ verify: "required" });
    expect(() => serverTlsSchema.schema.parse({ verify: false })).toThrow();
  });
});
