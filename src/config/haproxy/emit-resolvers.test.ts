import { expect, test } from "vitest";
import { at, documentOf, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

test("a resolver has its name servers and its times", () => {
  const { plain, said } = documentOf(`resolvers dns
  nameserver a 10.0.0.53
  nameserver b tcp@10.0.0.54:5353
  timeout resolve 5s
  hold obsolete 1m
`);
  expect(at(plain, "resolvers", "dns")).toEqual({
    nameServers: ["10.0.0.53:53", "10.0.0.54:5353"],
    interval: "5s",
    hold: { obsolete: "1m" },
  });
  expect(said).toHaveLength(1);
});

test("name servers of its own, or those of the machine", () => {
  const { said } = documentOf("resolvers dns\n  nameserver a 10.0.0.53:53\n  parse-resolv-conf\n");
  expect(said).toContainEqual(expect.stringContaining("one of them"));
});

test("a server says who looks its name up, and how", () => {
  const { plain, said } = poolOf(
    "  balance first\n  server x b:1883 resolvers dns resolve-prefer ipv4 init-addr last,libc",
  );
  expect(at(plain, "servers", 0)).toMatchObject({ resolver: "dns", prefer: "ipv4" });
  expect(said).toEqual([expect.stringContaining("init-addr")]);
});

test.each(["resolve-prefer ipv5", "resolve-net 10.0.0.0/8", "init-addr 10.0.0.1"])(
  "%s is refused",
  (option) => {
    const { said } = poolOf(`  balance first\n  server x b.example:1883 resolvers dns ${option}`);
    expect(said).toHaveLength(1);
    expect(said[0]).not.toContain("notice");
  },
);
