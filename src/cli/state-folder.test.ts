import { describe, expect, it } from "vitest";
import { defaultStateFolder } from "./state-folder.ts";

describe("defaultStateFolder", () => {
  it("is where the XDG specification has it", () => {
    const of = (given?: string) => defaultStateFolder({ XDG_STATE_HOME: given }, "/home/me");
    expect(of()).toBe("/home/me/.local/state/fairlead");
    expect(of("/var/state")).toBe("/var/state/fairlead");
    expect(of("relative")).toBe("/home/me/.local/state/fairlead");
    expect(of("")).toBe("/home/me/.local/state/fairlead");
  });
});
