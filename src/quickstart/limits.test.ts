import { describe, expect, it } from "vitest";
import { DEFAULT_LIMITS, resolveLimits } from "./limits.ts";

describe("resolveLimits", () => {
  it("sets what is given and leaves the rest at its default", () => {
    expect(resolveLimits({ queueMax: 5 })).toEqual({ ...DEFAULT_LIMITS, queueMax: 5 });
    expect(resolveLimits()).toEqual(DEFAULT_LIMITS);
  });
});

describe("DEFAULT_LIMITS", () => {
  it("fit the fields of MQTT that carry them", () => {
    expect(DEFAULT_LIMITS.packetSizeMaxBytes).toBeLessThan(2 ** 28);
    expect(DEFAULT_LIMITS.receiveMax).toBeLessThan(2 ** 16);
    expect(DEFAULT_LIMITS.topicAliasMax).toBeLessThan(2 ** 16);
    expect(DEFAULT_LIMITS.sessionExpiryMaxS).toBeLessThan(2 ** 32);
    expect(DEFAULT_LIMITS.inflightMax).toBeLessThan(2 ** 15);
  });
});
