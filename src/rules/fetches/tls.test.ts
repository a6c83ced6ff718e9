import { describe, expect, it } from "vitest";
import { ask, makeSubject } from "../../../tests/fixtures/rule-subject.ts";
import type { TlsFacts } from "../subject.ts";
import { TLS_FETCHES } from "./tls.ts";

const certificate = {
  version: 3,
  subject: [
    { name: "C", value: "DE" },
    { name: "OU", value: "first" },
    { name: "OU", value: "second" },
    { name: "CN", value: "sensor-7" },
  ],
  issuer: [{ name: "CN", value: "our CA" }],
  serial: Uint8Array.of(0x41, 0x42),
  sha1: new Uint8Array(20).fill(0x61),
  sha256: new Uint8Array(32).fill(0x62),
  notBefore: "250101000000Z",
  notAfter: "350101000000Z",
};
const tls: TlsFacts = {
  ...{ serverName: "a.example", protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" },
  ...{ alpn: "mqtt", certificate, verifyResult: 0 },
};

describe("TLS_FETCHES", () => {
  it.each([
    ["ssl_fc", true],
    ["ssl_fc_sni", "a.example"],
    ["ssl_fc_has_sni", true],
    ["ssl_fc_protocol", "TLSv1.3"],
    ["ssl_fc_cipher", "TLS_AES_128_GCM_SHA256"],
    ["ssl_fc_alpn", "mqtt"],
    ["ssl_fc_has_crt", true],
    ["ssl_c_used", true],
    ["ssl_c_verify", 0n],
    ["ssl_c_version", 3n],
    ["ssl_c_s_dn", "/C=DE/OU=first/OU=second/CN=sensor-7"],
    ["ssl_c_s_dn(cn)", "sensor-7"],
    ["ssl_c_s_dn(OU)", "first"],
    ["ssl_c_s_dn(OU,2)", "second"],
    ["ssl_c_s_dn(OU,-1)", "second"],
    ["ssl_c_s_dn(OU,3)", "absent"],
    ["ssl_c_s_dn(L)", "absent"],
    ["ssl_c_i_dn(CN)", "our CA"],
    ["ssl_c_serial,hex", "4142"],
    ["ssl_c_sha1,hex", "61".repeat(20)],
    ["ssl_c_sha256,length", 32n],
    ["ssl_c_notbefore", "250101000000Z"],
    ["ssl_c_notafter", "350101000000Z"],
  ])("%s", (text, answer) => {
    expect(ask(text, makeSubject({ tls }))).toBe(answer);
  });

  it("have nothing to say without TLS, or without a certificate", () => {
    const names = TLS_FETCHES.map(({ name }) => name).filter((name) => name !== "ssl_fc");
    for (const name of names) expect([name, ask(name)]).toEqual([name, "absent"]);
    expect(ask("ssl_fc")).toBe(false);
    const bare = makeSubject({ tls: { ...tls, certificate: null, serverName: null } });
    expect([ask("ssl_c_used", bare), ask("ssl_c_s_dn(cn)", bare)]).toEqual([false, "absent"]);
    expect([ask("ssl_fc_sni", bare), ask("ssl_fc_has_sni", bare)]).toEqual(["absent", false]);
  });

  it("wait for a ClientHello that only passes", () => {
    const hello = (state: "waiting" | "none" | "seen", serverName: string | null = null) =>
      makeSubject({ hello: { state, serverName } });
    const both = (subject: ReturnType<typeof hello>) => [
      ask("req.ssl_sni", subject),
      ask("req_ssl_hello_type", subject),
    ];
    expect(both(hello("waiting"))).toEqual(["not yet", "not yet"]);
    expect(both({ ...hello("waiting"), payloadMayGrow: false })).toEqual(["absent", "absent"]);
    expect(both(hello("none"))).toEqual(["absent", 0n]);
    expect(both(hello("seen", "b.example"))).toEqual(["b.example", 1n]);
  });
});
