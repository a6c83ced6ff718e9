import { describe, expect, it } from "vitest";
import { Condition } from "./condition.ts";

describe("Condition", () => {
  it("is up when all who have a say agree", () => {
    const condition = new Condition("ready");
    expect(condition.standing(null)).toEqual({ up: true, admin: "ready" });
    for (const [word, value] of [
      ["checkUp", false],
      ["agentUp", false],
      ["isOut", true],
    ] as const) {
      const changed = new Condition("ready");
      changed[word] = value;
      expect(changed.standing(null).up).toBe(false);
    }
  });

  it("takes the strictest word", () => {
    const condition = new Condition("ready");
    condition.isDraining = true;
    expect(condition.standing(null).admin).toBe("drain");
    condition.agentAdmin = "maintenance";
    expect(condition.standing(null).admin).toBe("maintenance");
    condition.agentAdmin = "ready";
    condition.operator = "drain";
    condition.isDraining = false;
    expect(condition.standing(null).admin).toBe("drain");
  });

  it("is in maintenance without an address", () => {
    const condition = new Condition("ready");
    condition.isResolved = false;
    expect(condition.standing(null).admin).toBe("maintenance");
  });

  it("has the health of the server it tracks, and its maintenance", () => {
    const condition = new Condition("ready");
    condition.checkUp = false;
    expect(condition.standing({ up: true, admin: "drain" })).toEqual({ up: true, admin: "drain" });
    expect(condition.standing({ up: false, admin: "ready" }).up).toBe(false);
  });
});
