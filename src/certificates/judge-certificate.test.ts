import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import { judgeCertificate } from "./judge-certificate.ts";

const NOW = Date.parse("2026-06-01");
const authority = new TestAuthority();
const server = authority.issue({ names: ["A.example", "*.b.example"] });

function judge(text: string, keyText = text, keyFile = "a.pem") {
  return judgeCertificate({ file: "a.pem", text, keyFile, keyText }, NOW);
}

function messages(text: string, keyText = text, keyFile = "a.pem"): string[] {
  return judge(text, keyText, keyFile).judgements.map(({ severity, message, expected }) => {
    return `${severity}: ${message}${expected === null ? "" : `, expected ${expected}`}`;
  });
}

describe("a good certificate", () => {
  it("comes with its chain, its key and its names", () => {
    const text = server.key + server.certificate + authority.certificate;
    const { certificate, judgements } = judge(text);
    expect(judgements).toEqual([]);
    expect(certificate).toMatchObject({
      file: "a.pem",
      keyType: "ec",
      names: ["a.example", "*.b.example"],
      notAfterMs: Date.parse("2049-01-01"),
    });
    expect(certificate?.chain).toBe(server.certificate + authority.certificate);
    expect(certificate?.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(certificate?.key).toBe(server.key);
  });

  it("may have its key in another file, in any form, and any kind of key", () => {
    const rsa = authority.issue({ keyType: "rsa" });
    const old = createPrivateKey(rsa.key).export({ type: "pkcs1", format: "pem" });
    const { certificate, judgements } = judge(rsa.certificate, String(old), "a.key");
    expect(judgements).toEqual([]);
    expect(certificate).toMatchObject({ keyType: "rsa", key: rsa.key });
  });

  it("goes by its common name where it has no DNS names", () => {
    const { certificate, key } = authority.issue({ names: [], commonName: "Old.example" });
    expect(judge(certificate + key).certificate?.names).toEqual(["old.example"]);
    const spaced = authority.issue({ names: [], commonName: "no name" });
    expect(judge(spaced.certificate + spaced.key).certificate?.names).toEqual([]);
  });
});

describe("files that hold something else", () => {
  it("are refused with what is missing", () => {
    expect(messages(server.key)).toEqual([
      'error: "a.pem" holds no certificate, expected PEM: -----BEGIN CERTIFICATE-----',
    ]);
    expect(messages(server.certificate)).toEqual([
      'error: "a.pem" holds no private key, expected it there, or a file of its own as key',
    ]);
    expect(messages(server.certificate, server.certificate, "a.key")).toEqual([
      'error: "a.key" holds no private key, expected PEM',
    ]);
    expect(messages(server.certificate.repeat(21) + server.key)).toEqual([
      'error: "a.pem" holds 21 certificates, expected at most 20',
    ]);
  });

  it("are refused when they are broken", () => {
    const broken = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
    const brokenKey = broken.replaceAll("CERTIFICATE", "PRIVATE KEY");
    expect(messages(server.certificate + broken + server.key)).toEqual([
      'error: certificate 2 of "a.pem" is broken',
    ]);
    expect(messages(server.certificate + brokenKey)).toEqual([
      'error: the private key in "a.pem" is broken',
    ]);
  });

  it("are refused when the key is encrypted, in the new way and in the old", () => {
    const key = createPrivateKey(server.key);
    const secret = { cipher: "aes-256-cbc", passphrase: "secret", format: "pem" } as const;
    for (const type of ["pkcs8", "sec1"] as const) {
      const text = server.certificate + key.export({ ...secret, type });
      expect(messages(text).join()).toContain('the private key in "a.pem" is encrypted');
    }
  });
});

describe("parts that do not belong together", () => {
  it("are refused: a key of another certificate", () => {
    const { key } = authority.issue();
    expect(messages(server.certificate, key, "b.key")).toEqual([
      'error: the private key in "b.key" does not belong to "a.pem", ' +
        "expected the key that the certificate was made for",
    ]);
  });

  it("are refused: a chain out of order", () => {
    const turned = messages(authority.certificate + server.certificate + server.key).join();
    expect(turned).toContain("is out of order: the key belongs to certificate 2");
    const stranger = new TestAuthority("Stranger").certificate;
    const strange = messages(server.certificate + stranger + server.key).join();
    expect(strange).toContain("is out of order: certificate 2 has not signed certificate 1");
    const namesake = new TestAuthority().certificate;
    expect(messages(server.certificate + namesake + server.key).join()).toContain("out of order");
  });
});

describe("dates", () => {
  it("are told and do not keep a certificate from being used", () => {
    const expired = authority.issue({ notAfter: "2025-02-03" });
    const { certificate } = judge(expired.certificate + expired.key);
    expect(certificate).not.toBeNull();
    expect(messages(expired.certificate + expired.key)).toEqual([
      'warning: the certificate in "a.pem" has expired on 2025-02-03',
    ]);
    const early = authority.issue({ notBefore: "2027-01-01" });
    expect(messages(early.certificate + early.key)).toEqual([
      'warning: the certificate in "a.pem" is valid from 2027-01-01 on only',
    ]);
    const old = new TestAuthority("Old", { notAfter: "2024-01-01" });
    const { certificate: leaf, key } = old.issue();
    expect(messages(leaf + old.certificate + key)).toEqual([
      'warning: certificate 2 of "a.pem" has expired on 2024-01-01',
    ]);
  });
});

describe("what OpenSSL refuses", () => {
  it("is refused with its words", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 512 });
    const { writeCertificate } = await import("./x509-writer.ts");
    const subject = { organization: "Fairlead", commonName: "short" };
    const dates = { notBefore: new Date("2020-01-01"), notAfter: new Date("2049-01-01") };
    const pem = writeCertificate(
      { subject, publicKey, purpose: "server", ...dates },
      { subject, privateKey },
    );
    expect(new X509Certificate(pem).checkPrivateKey(privateKey)).toBe(true);
    const text = pem + privateKey.export({ type: "pkcs8", format: "pem" });
    expect(messages(text)).toEqual(['error: OpenSSL refuses "a.pem": ee key too small']);
  });
});
