import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { openPolicyRoute } from "./policy-route.ts";

const text = "exports.default = { pools: {} }";
const policy = { file: "/nowhere/fairlead.config.js", text, version: "1" };

describe("openPolicyRoute", () => {
  it("is null for a plan without a policy", () => {
    expect(openPolicyRoute(new Scene().plan, null)).toBeNull();
  });

  it("knows pools and servers by their names", () => {
    const { names } = openPolicyRoute(new Scene({ policy, servers: [{}, {}] }).plan, null)!;
    expect(names.pools.get("brokers")).toBe(0);
    expect(names.servers.get("brokers/s1")).toEqual({ pool: 0, server: 1 });
  });

  it("goes on with the program that runs until the file was read again", () => {
    const { plan } = new Scene({ policy });
    const first = openPolicyRoute(plan, null)!;
    expect(openPolicyRoute(plan, first)!.program).toBe(first.program);
    const again = { ...plan, policy: { ...policy, version: "2" } };
    expect(openPolicyRoute(again, first)!.program).not.toBe(first.program);
  });
});
