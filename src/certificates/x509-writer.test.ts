import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { pemOf, writeCertificate } from "./x509-writer.ts";

const DATES = { notBefore: new Date("2026-01-02T03:04:05Z"), notAfter: new Date("2051-01-01") };
const AUTHORITY = { organization: "Fairlead", commonName: "An authority" };
const SERVER = { organization: "Fairlead", commonName: "localhost" };

const ec = () => generateKeyPairSync("ec", { namedCurve: "P-256" });
const authority = ec();
const server = ec();
const issuer = { subject: AUTHORITY, privateKey: authority.privateKey };

const authorityPem = writeCertificate(
  { subject: AUTHORITY, publicKey: authority.publicKey, purpose: "authority", ...DATES },
  issuer,
);
const serverPem = writeCertificate(
  {
    subject: SERVER,
    publicKey: server.publicKey,
    purpose: "server",
    names: ["localhost", "*.things.local"],
    addresses: ["127.0.0.1", "::1"],
    ...DATES,
  },
  issuer,
);

describe("writeCertificate", () => {
  it("makes an authority that signs itself", () => {
    const certificate = new X509Certificate(authorityPem);
    expect(certificate.ca).toBe(true);
    expect(certificate.subject).toBe("O=Fairlead\nCN=An authority");
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(Date.parse(certificate.validFrom)).toBe(DATES.notBefore.getTime());
    expect(Date.parse(certificate.validTo)).toBe(DATES.notAfter.getTime());
  });

  it("makes servers that the authority has signed, with names and addresses", () => {
    const certificate = new X509Certificate(serverPem);
    expect(certificate.ca).toBe(false);
    expect(certificate.subjectAltName).toBe(
      "DNS:localhost, DNS:*.things.local, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1",
    );
    expect(certificate.checkIssued(new X509Certificate(authorityPem))).toBe(true);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(server.privateKey)).toBe(true);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    expect(certificate.checkHost("a.things.local")).toBe("*.things.local");
    expect(certificate.checkIP("::1")).toBe("::1");
  });

  it("makes certificates of clients, without names", () => {
    const pem = writeCertificate(
      { subject: SERVER, publicKey: server.publicKey, purpose: "client", ...DATES },
      issuer,
    );
    expect(new X509Certificate(pem).keyUsage).toEqual(["1.3.6.1.5.5.7.3.2"]);
    expect(new X509Certificate(pem).subjectAltName).toBeUndefined();
  });

  it("signs with RSA as well, and with nothing else", () => {
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const request = { subject: SERVER, publicKey: server.publicKey, purpose: "server", ...DATES };
    const sign = (privateKey: typeof rsa.privateKey) =>
      writeCertificate({ ...request, purpose: "server" }, { subject: AUTHORITY, privateKey });
    expect(new X509Certificate(sign(rsa.privateKey)).verify(rsa.publicKey)).toBe(true);
    const { privateKey } = generateKeyPairSync("ed25519");
    expect(() => sign(privateKey)).toThrow('Cannot sign certificates with a key of type "ed25519"');
  });

  it("gives every certificate another serial number, and refuses what is no address", () => {
    const request = { subject: SERVER, publicKey: server.publicKey, ...DATES };
    const again = writeCertificate({ ...request, purpose: "server" }, issuer);
    const serials = [authorityPem, serverPem, again].map((pem) => {
      return new X509Certificate(pem).serialNumber;
    });
    expect(new Set(serials).size).toBe(3);
    const wrong = { ...request, purpose: "server", addresses: ["here"] } as const;
    expect(() => writeCertificate(wrong, issuer)).toThrow('Cannot certify "here"');
  });
});

describe("pemOf", () => {
  it("is what OpenSSL reads", () => {
    const bytes = server.publicKey.export({ type: "spki", format: "der" });
    const read = createPublicKey(pemOf("PUBLIC KEY", bytes));
    expect(read.equals(server.publicKey)).toBe(true);
  });
});
