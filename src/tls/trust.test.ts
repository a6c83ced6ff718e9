import { beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import { certificatesOfTest } from "../../tests/tls/tls-scene.ts";
import { ERR_peek_error, SSL_CTX_free, SSL_CTX_new, TLS_method } from "./libssl.ts";
import { Trust, type TrustOptions } from "./trust.ts";

let certificates: Certificates;

beforeAll(async () => {
  certificates = await certificatesOfTest();
});

function options(changes: Partial<TrustOptions>): TrustOptions {
  return { authorities: certificates.ca.cert, revoked: "", subject: "a test", ...changes };
}

describe("Trust", () => {
  it("is given to several contexts and may be freed before them", () => {
    const trust = new Trust(options({ revoked: certificates.crl.text }));
    const contexts = [1, 2].map(() => SSL_CTX_new(TLS_method()));
    for (const context of contexts) {
      trust.giveTo(context);
      trust.announceTo(context);
    }
    trust.free();
    for (const context of contexts) SSL_CTX_free(context);
    expect(ERR_peek_error()).toBe(0);
  });

  it("takes an authority that is named twice", () => {
    const authorities = certificates.ca.cert + certificates.otherCa.cert + certificates.ca.cert;
    new Trust(options({ authorities })).free();
    expect(ERR_peek_error()).toBe(0);
  });

  it("names what it cannot read", () => {
    expect(() => new Trust(options({ authorities: "nobody" }))).toThrow(
      "Cannot find a certificate in the authorities of a test",
    );
    expect(() => new Trust(options({ revoked: "nothing" }))).toThrow(
      "Cannot find a revocation list in the revocation lists of a test",
    );
  });
});
