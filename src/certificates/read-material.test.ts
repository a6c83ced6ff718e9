import { describe, expect, it } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { MemoryFiles } from "../../tests/fixtures/memory-files.ts";
import * as der from "./der-writer.ts";
import { readMaterial } from "./read-material.ts";
import type { CertificateSource, TlsSource } from "./tls-source.ts";

const NOW = Date.parse("2026-06-01");
const authority = new TestAuthority();
const one = authority.issue({ names: ["one.example"] });
const two = authority.issue({ names: ["two.example"] });
const OCSP = der.sequence(
  der.element(der.TAG.enumerated, Uint8Array.of(0)),
  der.tagged(0, der.octetString(Uint8Array.of(1))),
);
const FILES = {
  "/tls/one.pem": one.certificate + one.key,
  "/tls/two.crt": two.certificate,
  "/tls/two.key": two.key,
  "/tls/one.pem.ocsp": OCSP,
  "/tls/.hidden.pem": "not looked at",
  "/tls/README": "not looked at either",
  "/ca.pem": authority.certificate,
};

function read(
  source: Partial<TlsSource>,
  files: Readonly<Record<string, string | Uint8Array>> = FILES,
) {
  const whole = { certificates: [], authorities: null, revoked: null, ...source };
  return readMaterial(whole, new MemoryFiles(files), NOW);
}

function file(certificate: string, key: string | null = null, ocsp: string | null = null) {
  return { kind: "file", certificate, key, ocsp } satisfies CertificateSource;
}

describe("readMaterial", () => {
  it("reads certificates of one file, of two, with an OCSP response, and a bundle", async () => {
    const certificates = [
      file("/tls/one.pem", null, "/tls/one.pem.ocsp"),
      file("/tls/two.crt", "/tls/two.key"),
    ];
    const { material, findings } = await read({ certificates, authorities: "/ca.pem" });
    expect(findings).toEqual([]);
    expect(material).toMatchObject({ authorities: authority.certificate, revoked: "" });
    expect(material?.certificates).toMatchObject([
      { file: "/tls/one.pem", names: ["one.example"], chain: one.certificate, key: one.key },
      { file: "/tls/two.crt", names: ["two.example"], ocsp: null },
    ]);
    expect([...material!.certificates[0]!.ocsp!]).toEqual([...OCSP]);
  });

  it("takes every certificate of a directory, with what lies beside it", async () => {
    const certificates = [{ kind: "directory", directory: "/tls" }] as const;
    const { material, findings } = await read({ certificates });
    expect(findings).toEqual([]);
    expect(material?.certificates.map((each) => [each.file, each.ocsp !== null])).toEqual([
      ["/tls/one.pem", true],
      ["/tls/two.crt", false],
    ]);
  });

  it("finds everything that is wrong, each with the part that it is about", async () => {
    const certificates = [
      file("/tls/none.pem"),
      file("/tls/two.crt", "/tls/none.key"),
      file("/tls/two.crt", "/tls/one.pem", "/ca.pem"),
      { kind: "directory", directory: "/nowhere" } as const,
    ];
    const source = { certificates, authorities: "/tls/two.key", revoked: "/ca.pem" };
    const { material, findings } = await read(source);
    expect(material).toBeNull();
    expect(findings.map(({ part, message }) => [JSON.stringify(part), message])).toEqual([
      ['{"name":"certificate","index":0}', '"/tls/none.pem" cannot be read: no such file'],
      ['{"name":"key","index":1}', '"/tls/none.key" cannot be read: no such file'],
      ['{"name":"ocsp","index":2}', '"/ca.pem" is no OCSP response'],
      [
        '{"name":"key","index":2}',
        'the private key in "/tls/one.pem" does not belong to "/tls/two.crt"',
      ],
      ['{"name":"directory","index":3}', '"/nowhere" cannot be read: no such file'],
      ['{"name":"authorities"}', '"/tls/two.key" holds no certificate of an authority'],
      ['{"name":"revoked"}', '"/ca.pem" holds no revocation list'],
    ]);
  });

  it("names files of directories that are wrong, and directories without any", async () => {
    const certificates = [{ kind: "directory", directory: "/tls" }] as const;
    const lost = await read({ certificates }, { "/tls/lost.pem": one.certificate });
    expect(lost.findings.map(({ message }) => message)).toEqual([
      '"/tls/lost.pem" holds no private key',
    ]);
    const empty = await read({ certificates }, { "/tls/README": "none" });
    expect(empty.findings).toMatchObject([
      { message: '"/tls" holds no certificate', expected: "files that end in .pem or .crt" },
    ]);
  });
});
