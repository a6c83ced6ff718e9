import { describe, expect, it } from "vitest";
import {
  ERR_peek_error,
  SSL_CTX_free,
  SSL_CTX_new,
  SSL_CTX_set_cipher_list,
  TLS_method,
} from "./libssl.ts";
import { drainErrors, openSslError } from "./openssl-errors.ts";
import { ERR_LIB_SSL } from "./ssl-constants.ts";

/** SSL_R_NO_CIPHER_MATCH */
const NO_CIPHER_MATCH = 185;

function fail(times: number): void {
  const context = SSL_CTX_new(TLS_method());
  for (let count = 0; count < times; count++) SSL_CTX_set_cipher_list(context, "NONSENSE");
  SSL_CTX_free(context);
}

describe("drainErrors", () => {
  it("takes the errors of this thread and leaves none", () => {
    fail(2);
    const error = { library: ERR_LIB_SSL, reason: NO_CIPHER_MATCH, text: "no cipher match" };
    expect(drainErrors()).toEqual([error, error]);
    expect(drainErrors()).toEqual([]);
  });

  it("ends, however many there are", () => {
    fail(100);
    expect(drainErrors().length).toBeLessThanOrEqual(16);
    expect(ERR_peek_error()).toBe(0);
  });
});

describe("openSslError", () => {
  it("puts the action before OpenSSL's words", () => {
    fail(1);
    expect(openSslError("Cannot do it").message).toBe("Cannot do it: no cipher match");
    expect(openSslError("Cannot do it").message).toBe("Cannot do it");
  });
});
