import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import { certificatesOfTest } from "../../tests/tls/tls-scene.ts";
import { type CertificateFacts, readCertificateFacts, subjectOf } from "./certificate-facts.ts";
import { X509_free } from "./libssl.ts";
import { readCertificates } from "./pem.ts";

let certificates: Certificates;

beforeAll(async () => {
  certificates = await certificatesOfTest();
});

function read(pem: string): CertificateFacts {
  const [certificate] = readCertificates(pem, "a test");
  const facts = readCertificateFacts(certificate!);
  expect(subjectOf(certificate!)).toBe(facts.subject);
  X509_free(certificate!);
  return facts;
}

describe("readCertificateFacts", () => {
  it("agrees with Node on every certificate", () => {
    const { ca, server, serverRsa, client, clientExpired, otherCa } = certificates;
    for (const { cert } of [ca, server, serverRsa, client, clientExpired, otherCa]) {
      const facts = read(cert);
      const other = new X509Certificate(cert);
      expect(facts.serial).toBe(other.serialNumber);
      expect(facts.fingerprintSha256).toBe(other.fingerprint256.replaceAll(":", "").toLowerCase());
      expect(facts.notAfter).toBe(new Date(other.validTo).toISOString().replace(".000", ""));
      expect(facts.subject).toBe(`/${other.subject.replaceAll("\n", "/")}`);
      expect(other.subject).toContain(`CN=${facts.commonName}`);
    }
  });

  it("names keys and signatures as HAProxy does", () => {
    expect(read(certificates.server.cert)).toMatchObject({
      keyAlgorithm: "EC256",
      signatureAlgorithm: "ecdsa-with-SHA256",
    });
    expect(read(certificates.serverRsa.cert).keyAlgorithm).toBe("RSA2048");
  });

  it("lists the alternative names", () => {
    expect(read(certificates.server.cert).sans).toEqual([
      "DNS:localhost",
      "DNS:mqtt.fairlead.test",
      "DNS:*.wild.fairlead.test",
      "IP:127.0.0.1",
      "IP:0:0:0:0:0:0:0:1",
    ]);
    expect(read(certificates.client.cert).sans).toEqual([]);
  });
});
