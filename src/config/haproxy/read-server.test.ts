import { expect, test } from "vitest";
import { at, poolOf } from "../../../tests/fixtures/haproxy-document.ts";

test("default-server counts for the servers below it, and is added to", () => {
  const { plain } = poolOf(`
  server x 10.0.0.9:1883
  default-server weight 5
  default-server maxconn 7
  server y 10.0.0.8:1883 weight 6`);
  const servers = at(plain, "servers");
  expect(servers).toMatchObject([
    { name: "x" },
    { name: "y", weight: 6 },
    { name: "a", weight: 5 },
  ]);
  expect(at(plain, "servers", 0, "weight")).toBeUndefined();
  expect(at(plain, "servers", 1, "connections")).toBe(7);
});

test.each(["0", "x", "5-2", "1-99999"])("server-template cannot count %s", (count) => {
  const { said } = poolOf(`  balance leastconn\n  server-template t ${count} b.example:1883`);
  expect(said[0]).toMatch(/^10:21: "\S+" is no number of servers/);
});
