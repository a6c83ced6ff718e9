import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { parseRule } from "../rules/parse-rule.ts";
import { openRuleRoutes } from "./rule-routes.ts";

function rule(text: string) {
  return parseRule(text, "content").plan!;
}

describe("openRuleRoutes", () => {
  it("has a program where there are rules, and null where there are none", () => {
    const scene = new Scene({ listener: { rules: [rule("accept")] } });
    const { listeners, pools, tables } = openRuleRoutes(scene.plan, 0);
    expect(listeners[0]?.content.map(({ text }) => text)).toEqual(["accept"]);
    expect([pools, tables]).toEqual([[null], []]);
  });

  it("knows pools and servers by name, and says who is not there", () => {
    const known = new Scene({ listener: { rules: [rule("use-server brokers/s0")] } });
    expect(() => openRuleRoutes(known.plan, 0)).not.toThrow();
    const { plan } = new Scene();
    const stranger = { ...plan.listeners[0]!, rules: [rule("use-server brokers/nobody")] };
    const unknown = { ...plan, listeners: [stranger] };
    expect(() => openRuleRoutes(unknown, 0)).toThrow('"brokers/nobody"');
  });
});
