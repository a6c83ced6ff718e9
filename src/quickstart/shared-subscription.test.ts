import { describe, expect, it } from "vitest";
import { NodeCounters } from "./counters.ts";
import { resolveLimits } from "./limits.ts";
import { Session, type SessionLink, type Subscription } from "./session.ts";
import { SharedGroup } from "./shared-subscription.ts";

function member(clientId: string, link: Partial<SessionLink> | null): Subscription {
  const budget = { maxBytes: 1000, usedBytes: 0 };
  const session = new Session(clientId, new NodeCounters(), resolveLimits(), budget);
  const whole = { sendPublish: () => true, sendRelease() {}, takenOver() {} };
  if (link !== null) session.link = { congested: false, receiveMax: 10, ...whole, ...link };
  const rest = { qos: 0, noLocal: false, retainAsPublished: false, id: 0 } as const;
  return { session, text: "$share/g/x", filter: "x", group: "g", ...rest };
}

function turns(group: SharedGroup, count: number): string {
  return Array.from({ length: count }, () => group.choose()?.session.clientId ?? "-").join("");
}

describe("SharedGroup", () => {
  it("lets members take turns", () => {
    const group = new SharedGroup();
    for (const name of ["a", "b", "c"]) group.set(member(name, {}));
    expect(turns(group, 7)).toBe("abcabca");
  });

  it("goes on in turn when one leaves", () => {
    const group = new SharedGroup();
    for (const name of ["a", "b", "c"]) group.set(member(name, {}));
    expect(turns(group, 2)).toBe("ab");
    expect(group.delete("a")).toBe(true);
    expect(group.delete("a")).toBe(false);
    expect(turns(group, 4)).toBe("cbcb");
  });

  it("prefers who can take it now, then who is connected, then who will be back", () => {
    const group = new SharedGroup();
    group.set(member("away", null));
    expect(turns(group, 2)).toBe("awayaway");
    group.set(member("busy", { congested: true }));
    expect(turns(group, 2)).toBe("busybusy");
    group.set(member("free", {}));
    expect(turns(group, 2)).toBe("freefree");
  });

  it("counts a client once, with its latest options", () => {
    const group = new SharedGroup();
    group.set(member("a", {}));
    const again = member("a", {});
    group.set(again);
    expect(group.count).toBe(1);
    expect(group.choose()).toBe(again);
  });

  it("has nobody when it is empty", () => {
    expect(new SharedGroup().choose()).toBeNull();
  });
});
