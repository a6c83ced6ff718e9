import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TestAuthority } from "../../tests/fixtures/authority.ts";
import * as der from "./der-writer.ts";
import { judgeAuthorities, judgeOcsp, judgeRevoked } from "./judge-authorities.ts";
import { pemOf } from "./x509-writer.ts";

const NOW = Date.parse("2026-06-01");
const authority = new TestAuthority();

describe("judgeAuthorities", () => {
  const judge = (text: string) => judgeAuthorities("ca.pem", text, NOW);

  it("has nothing to say of a good bundle", () => {
    expect(judge(authority.certificate + new TestAuthority("Other").certificate)).toEqual([]);
  });

  it("refuses what holds no certificate, or a broken one", () => {
    expect(judge("nothing")).toMatchObject([
      { severity: "error", message: '"ca.pem" holds no certificate of an authority' },
    ]);
    const broken = pemOf("CERTIFICATE", Uint8Array.of(0x30, 0));
    expect(judge(authority.certificate + broken)).toMatchObject([
      { severity: "error", message: 'certificate 2 of "ca.pem" is broken' },
    ]);
  });

  it("warns of authorities that have expired", () => {
    const { certificate } = new TestAuthority("Old", { notAfter: "2021-05-06" });
    expect(judge(certificate + authority.certificate)).toMatchObject([
      {
        severity: "warning",
        message: 'the authority O=Fairlead, CN=Old in "ca.pem" has expired on 2021-05-06',
      },
    ]);
  });
});

describe("judgeRevoked", () => {
  const judge = (text: string) => judgeRevoked("a.crl", text, NOW);

  it("has nothing to say of a list that is current, or has no end", () => {
    expect(judge(authority.listRevoked("2027-01-01"))).toEqual([]);
    expect(judge(authority.listRevoked(null))).toEqual([]);
  });

  it("warns of one that has expired", () => {
    const [first] = judge(authority.listRevoked("2026-01-01"));
    expect(first).toMatchObject({ severity: "warning" });
    expect(first?.message).toContain('the revocation list in "a.crl" has expired on 2026-01-01');
    const both = authority.listRevoked("2027-01-01") + authority.listRevoked("2026-01-01");
    expect(judge(both)[0]?.message).toContain('revocation list 2 in "a.crl" has expired');
  });

  it("refuses what is none", () => {
    expect(judge(authority.certificate)).toMatchObject([
      { severity: "error", message: '"a.crl" holds no revocation list' },
    ]);
    expect(judge(pemOf("X509 CRL", Uint8Array.of(0x30, 0)))).toMatchObject([
      { severity: "error", message: 'the revocation list in "a.crl" is broken' },
    ]);
  });
});

describe("judgeOcsp", () => {
  const status = (value: number) => der.element(der.TAG.enumerated, Uint8Array.of(value));
  const body = der.tagged(0, der.sequence(der.octetString(createHash("sha1").digest())));

  it("takes a response that was successful", () => {
    expect(judgeOcsp("a.ocsp", der.sequence(status(0), body))).toEqual([]);
  });

  it("refuses one of a request that failed, and what is none", () => {
    for (const bytes of [der.sequence(status(6)), der.sequence(status(0))]) {
      const [judged] = judgeOcsp("a.ocsp", bytes);
      expect(judged?.message).toBe('the OCSP response in "a.ocsp" is of a request that failed');
    }
    const good = der.sequence(status(0), body);
    for (const bytes of [Buffer.from("text"), new Uint8Array(0), good.subarray(0, 20), body]) {
      expect(judgeOcsp("a.ocsp", bytes)[0]?.message).toBe('"a.ocsp" is no OCSP response');
    }
  });
});
