import { expect, test } from "vitest";
import { at, documentOf, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

const tls = (options: string) => {
  const { plain, said } = poolOf("  balance first", `ssl verify none ${options}`);
  return { tls: at(plain, "tls"), said };
};

test.each([
  ["ssl-min-ver TLSv1.3", { minVersion: "1.3" }],
  ["ssl-max-ver TLSv1.2", { maxVersion: "1.2", ciphers: "DEFAULT" }],
  ["force-tlsv13", { minVersion: "1.3" }],
  ["force-tlsv12", { maxVersion: "1.2", ciphers: "DEFAULT" }],
  ["no-tlsv12 ciphers A", { minVersion: "1.3", ciphers: "A" }],
  ["alpn mqtt,x", { ciphers: "DEFAULT", alpn: ["mqtt", "x"] }],
])("%s", (options, versions) => expect(tls(options).tls).toEqual({ verify: "none", ...versions }));

test("versions before 1.2 are no lower bound, and no upper one", () => {
  expect(tls("ssl-min-ver TLSv1.0").said).toEqual([expect.stringContaining("notice")]);
  expect(tls("ssl-max-ver TLSv1.1").said).toEqual([expect.stringContaining("leaves no version")]);
});

test("the global section counts where a line says nothing", () => {
  const text = `global
  ssl-default-server-ciphers G
  ssl-default-server-options ssl-min-ver TLSv1.3
listen a
  bind *:1
  server x 10.0.0.1:1 ssl verify none
  server y 10.0.0.2:1 ssl verify none ssl-min-ver TLSv1.2 ciphers Y
`;
  const { plain } = documentOf(text);
  expect(at(plain, "pools", "a", "servers", 0, "tls")).toMatchObject({
    minVersion: "1.3",
    ciphers: "G",
  });
  expect(at(plain, "pools", "a", "servers", 1, "tls")).toMatchObject({
    minVersion: "1.2",
    ciphers: "Y",
  });
});
