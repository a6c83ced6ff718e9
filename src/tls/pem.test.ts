import { beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import { certificatesOfTest } from "../../tests/tls/tls-scene.ts";
import { subjectOf } from "./certificate-facts.ts";
import { ERR_peek_error, EVP_PKEY_free, X509_CRL_free, X509_free } from "./libssl.ts";
import { readCertificates, readPrivateKey, readRevocationLists } from "./pem.ts";

let certificates: Certificates;

beforeAll(async () => {
  certificates = await certificatesOfTest();
});

const ENCRYPTED = `-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,7A94D6BBF1B1C3F0C9F37BCF2D1F6D5A

mFqlYbF0lO4uH3gX0rWq3w==
-----END EC PRIVATE KEY-----
`;

describe("readCertificates", () => {
  it("reads all of them in order, past whatever else is there", () => {
    const { serverChained, ca, client } = certificates;
    const text = `a comment\n${serverChained.cert}${client.key}${ca.cert}`;
    const read = readCertificates(text, "a test");
    expect(read.map(subjectOf)).toEqual([
      "/O=Fairlead/CN=localhost",
      "/O=Fairlead/CN=Fairlead Test Intermediate",
      "/O=Fairlead/CN=Fairlead Test Root",
    ]);
    for (const each of read) X509_free(each);
    expect(ERR_peek_error()).toBe(0);
  });

  it("says which one is broken", () => {
    const { ca, server } = certificates;
    const broken = ca.cert + server.cert.replace(/\n[A-Za-z0-9+/=]{4}/, "\nAAAA");
    expect(() => readCertificates(broken, "a test")).toThrow(
      "Cannot read certificate 2 of a test: ",
    );
    const cut = server.cert.slice(0, 200);
    expect(() => readCertificates(cut, "a test")).toThrow("Cannot read certificate 1 of a test");
    expect(ERR_peek_error()).toBe(0);
  });

  it("says that there is none", () => {
    for (const text of ["", "nothing", certificates.server.key]) {
      expect(() => readCertificates(text, "a test")).toThrow("Cannot find a certificate in a test");
    }
  });
});

describe("readRevocationLists", () => {
  it("reads all of them", () => {
    const { crl, intermediateCrl } = certificates;
    const lists = readRevocationLists(crl.text + intermediateCrl.text, "a test");
    expect(lists).toHaveLength(2);
    for (const list of lists) X509_CRL_free(list);
    expect(() => readRevocationLists(certificates.ca.cert, "a test")).toThrow(
      "Cannot find a revocation list in a test",
    );
  });
});

describe("readPrivateKey", () => {
  it("finds the key among certificates", () => {
    const key = readPrivateKey(certificates.server.cert + certificates.server.key, "a test");
    expect(key).toBeGreaterThan(0);
    EVP_PKEY_free(key);
    expect(ERR_peek_error()).toBe(0);
  });

  it("asks nobody for a passphrase", () => {
    expect(() => readPrivateKey(ENCRYPTED, "a test")).toThrow("Cannot read the private key of");
    expect(() => readPrivateKey("", "a test")).toThrow("Cannot read the private key of a test");
  });
});
