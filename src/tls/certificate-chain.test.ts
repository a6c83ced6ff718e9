import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates, Credentials } from "../../tests/certificates.ts";
import { certificatesOfTest } from "../../tests/tls/tls-scene.ts";
import { keyTypeOfChain, useCertificate } from "./certificate-chain.ts";
import { ERR_peek_error, SSL_CTX_free, SSL_CTX_new, TLS_method } from "./libssl.ts";
import { EVP_PKEY_EC, EVP_PKEY_RSA } from "./ssl-constants.ts";

let certificates: Certificates;
const context = SSL_CTX_new(TLS_method());

beforeAll(async () => {
  certificates = await certificatesOfTest();
});

afterAll(() => SSL_CTX_free(context));

function use({ cert, key }: Pick<Credentials, "cert" | "key">): number {
  return useCertificate(context, { chain: cert, key }, "a test");
}

describe("useCertificate", () => {
  it("takes a certificate alone, with its chain, and with its key in one text", () => {
    const { server, serverRsa, serverChained } = certificates;
    const together = server.key + server.cert;
    for (const each of [server, serverRsa, serverChained, { cert: together, key: together }]) {
      expect(use(each)).toBeGreaterThan(0);
    }
    expect(ERR_peek_error()).toBe(0);
  });

  it("refuses a chain that is out of order, naming both", () => {
    const { serverChained, intermediate, ca } = certificates;
    const cert = serverChained.cert.replace(intermediate.cert, ca.cert + intermediate.cert);
    expect(() => use({ ...serverChained, cert })).toThrow(
      'Cannot use certificate "/O=Fairlead/CN=localhost": its chain is out of order, ' +
        '"/O=Fairlead/CN=Fairlead Test Root" has not issued "/O=Fairlead/CN=localhost"',
    );
  });

  it("refuses a key that is another's, and a text without one", () => {
    const { server, serverRsa } = certificates;
    expect(() => use({ ...server, key: serverRsa.key })).toThrow("belongs to another certificate");
    expect(() => use({ ...server, key: server.cert })).toThrow(
      'Cannot read the private key of certificate "/O=Fairlead/CN=localhost"',
    );
    expect(ERR_peek_error()).toBe(0);
  });
});

describe("keyTypeOfChain", () => {
  it("is that of the leaf", () => {
    expect(keyTypeOfChain(certificates.serverChained.cert, "a test")).toBe(EVP_PKEY_EC);
    expect(keyTypeOfChain(certificates.serverRsa.cert, "a test")).toBe(EVP_PKEY_RSA);
  });
});
