import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { certificatesOfTest } from "../../tests/tls/tls-scene.ts";
import { readCertificateDetails } from "./certificate-details.ts";
import * as libssl from "./libssl.ts";
import { keepBytes } from "./native-bytes.ts";

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex").toUpperCase();
}

function pointerTo(pem: string): number {
  const text = keepBytes(new TextEncoder().encode(pem));
  return libssl.PEM_read_bio_X509(libssl.BIO_new_mem_buf(text.address, text.length), 0, 0, "");
}

describe("readCertificateDetails", () => {
  it("says what Node says of the same certificate", async () => {
    const { client } = await certificatesOfTest();
    const peer = new X509Certificate(client.cert);
    const details = readCertificateDetails(pointerTo(client.cert));
    const lines = (names: typeof details.subject) =>
      names.map(({ name, value }) => `${name}=${value}`).join("\n");
    expect(lines(details.subject)).toBe(peer.subject);
    expect(lines(details.issuer)).toBe(peer.issuer);
    expect(hex(details.serial)).toBe(peer.serialNumber);
    expect(hex(details.sha1)).toBe(peer.fingerprint.replaceAll(":", ""));
    expect(hex(details.sha256)).toBe(peer.fingerprint256.replaceAll(":", ""));
    expect(details.version).toBe(3);
    for (const time of [details.notBefore, details.notAfter]) expect(time).toMatch(/^\d{12,14}Z$/);
  });
});
