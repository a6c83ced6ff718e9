import { expect, test } from "vitest";
import { at } from "../../../tests/fixtures/haproxy-document.ts";
import { documentOf } from "../../../tests/fixtures/nginx-document.ts";

function resolved(lines: string, own = "") {
  const { plain, said } = documentOf(`stream { ${lines}
upstream u { ${own} server a.example:1 resolve; } server { listen 1; proxy_pass u; } }`);
  const errors = said.filter((line) => !line.includes("notice"));
  return {
    resolvers: at(plain, "resolvers"),
    server: at(plain, "pools", "u", "servers", 0),
    errors,
  };
}

test("name servers, and how long answers are good", () => {
  const { resolvers, server } = resolved("resolver 10.0.0.1 [::1]:99 valid=30s;");
  expect(resolvers).toEqual({
    nginx: { nameServers: ["10.0.0.1:53", "[::1]:99"], interval: "30s" },
  });
  expect(server).toEqual({ address: "a.example:1", resolver: "nginx", slots: 16 });
});

test("an upstream may have its own", () => {
  const { resolvers, server } = resolved("", "resolver 10.0.0.2 ipv6=off;");
  expect(resolvers).toEqual({ nginx: { nameServers: ["10.0.0.2:53"] } });
  expect(server).toMatchObject({ prefer: "ipv4" });
});

test.each(["", "resolver 10.0.0.1 valid=long;", "resolver 10.0.0.1 ttl=1;"])(
  "%s is refused",
  (lines) => expect(resolved(lines).errors).toHaveLength(1),
);
