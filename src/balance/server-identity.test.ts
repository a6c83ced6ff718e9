import { describe, expect, it } from "vitest";
import { serverIdentity } from "./server-identity.ts";

describe("serverIdentity", () => {
  it("is the same for the same name on every machine and at every start", () => {
    expect(serverIdentity("node1")).toBe(serverIdentity("node1"));
    expect([serverIdentity("node1"), serverIdentity("é")]).toMatchInlineSnapshot(`
      [
        -1108579935,
        1926573918,
      ]
    `);
  });

  it("differs between the names of 20,000 servers but for one or two", () => {
    const identities = Array.from({ length: 20_000 }, (_, i) => serverIdentity(`broker-${i}`));
    expect(new Set(identities).size).toBeGreaterThanOrEqual(19_998);
  });
});
