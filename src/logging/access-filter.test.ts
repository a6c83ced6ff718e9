import { describe, expect, it } from "vitest";
import { endedConnection, type Wishes } from "../../tests/fixtures/ended-connection.ts";
import { REASON } from "../shm/close-reason.ts";
import { AccessFilter, EVERY_CONNECTION } from "./access-filter.ts";
import type { AccessSettings } from "./outlet-settings.ts";

function passes(changed: Partial<AccessSettings>, wishes: Wishes = {}): boolean {
  return new AccessFilter({ ...EVERY_CONNECTION, ...changed }).passes(endedConnection(wishes));
}

describe("AccessFilter", () => {
  it("takes everything or nothing", () => {
    expect([passes({}), passes({ isOn: false })]).toEqual([true, false]);
  });

  it("takes faults alone, certain reasons, certain listeners, those that said something", () => {
    const reset = { reason: "server-reset" } as const;
    expect([passes({ faultsOnly: true }), passes({ faultsOnly: true }, reset)]).toEqual([
      false,
      true,
    ]);
    const reasons = [REASON["server-reset"]];
    expect([passes({ reasons }), passes({ reasons }, reset)]).toEqual([false, true]);
    const listeners = ["mqtts"];
    expect([passes({ listeners }), passes({ listeners }, { listener: 1 })]).toEqual([false, true]);
    const empty = { bytesIn: 0, bytesOut: 0 };
    expect([passes({ skipsEmpty: true }), passes({ skipsEmpty: true }, empty)]).toEqual([
      true,
      false,
    ]);
  });

  it("samples those that would be taken", () => {
    const filter = new AccessFilter({ ...EVERY_CONNECTION, sampleOf: 3, faultsOnly: true });
    const taken: boolean[] = [];
    for (let i = 0; i < 7; i++) {
      filter.passes(endedConnection());
      taken.push(filter.passes(endedConnection({ reason: "server-reset" })));
    }
    expect(taken).toEqual([true, false, false, true, false, false, true]);
  });

  it("raises the level of faults where that is wanted", () => {
    const filter = new AccessFilter({ ...EVERY_CONNECTION, faultLevel: "err" });
    expect(filter.levelOf(endedConnection())).toBe("info");
    expect(filter.levelOf(endedConnection({ reason: "server-reset" }))).toBe("err");
  });
});
