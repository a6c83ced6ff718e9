import { afterAll, describe, expect, it } from "vitest";
import { AssertionFailure } from "../assert.ts";
import { encodeAlpn } from "./context-settings.ts";
import { forgetAnswers, giveAnswers } from "./handshake-answers.ts";
import { SSL_CTX_free, SSL_CTX_new, TLS_method } from "./libssl.ts";
import { freeBytes, keepBytes } from "./native-bytes.ts";

// What clients are told is in tls-context.test.ts and tests/tls/node-tls.test.ts.

const context = SSL_CTX_new(TLS_method());

afterAll(() => SSL_CTX_free(context));

describe("answers", () => {
  it("have numbers of their own and are forgotten once", () => {
    const alpn = keepBytes(encodeAlpn(["mqtt"]));
    const ocsp = new Map([[1, alpn]]);
    const numbers = [1, 2].map(() => giveAnswers(context, { alpn, ocsp }));
    expect(new Set(numbers).size).toBe(2);
    for (const number of numbers) forgetAnswers(number);
    expect(() => forgetAnswers(numbers[0]!)).toThrow(AssertionFailure);
    freeBytes(alpn);
  });
});
