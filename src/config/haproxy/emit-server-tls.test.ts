import { expect, test } from "vitest";
import { at, documentOf, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

const tls = (options: string) => {
  const { plain, said } = poolOf("  balance first", options);
  return { tls: at(plain, "tls"), said };
};

test("servers are verified unless the line, or the global section, says otherwise", () => {
  expect(tls("ssl ca-file ca.pem").tls).toEqual({ authorities: "ca.pem", ciphers: "DEFAULT" });
  expect(tls("ssl verify none").tls).toEqual({ verify: "none", ciphers: "DEFAULT" });
  expect(tls("ssl").said[0]).toContain("no ca-file");
  const text =
    "global\n  ssl-server-verify none\nlisten a\n  bind *:1\n  server x 10.0.0.1:1 ssl\n";
  expect(at(documentOf(text).plain, "pools", "a", "tls", "verify")).toBe("none");
});

test("a name is one that is always the same", () => {
  expect(at(tls("ssl verify none sni str(a.example)").tls, "serverName")).toBe("a.example");
  expect(at(tls("ssl verify none verifyhost b.example").tls, "serverName")).toBe("b.example");
  expect(tls("ssl verify none sni req.ssl_sni").said).toHaveLength(1);
});

test("without ssl there is none", () => expect(tls("verify none").tls).toBeUndefined());
