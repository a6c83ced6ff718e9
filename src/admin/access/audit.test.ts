import { describe, expect, it, vi } from "vitest";
import { makeMemoryLogger } from "../../../tests/fixtures/memory-logger.ts";
import { Audit } from "./audit.ts";

const action = { by: "ops", from: "127.0.0.1", action: "reload", target: "", detail: {} };
const refusal = { from: "192.0.2.1", method: "GET", status: 401, reason: "Who asks?" };

describe("Audit", () => {
  it("logs who did what, and tells", () => {
    const { logger, lines } = makeMemoryLogger();
    const told: unknown[] = [];
    new Audit(logger, (of) => told.push(of)).acted(action);
    expect(lines).toMatchObject([{ event: "admin-action", by: "ops", action: "reload" }]);
    expect(told).toEqual([action]);
  });

  it("logs refusals, but nobody fills the log with them", () => {
    const { logger, lines } = makeMemoryLogger();
    const audit = new Audit(logger, () => {});
    for (let i = 0; i < 1000; i++) audit.refused({ ...refusal, url: "x".repeat(1000) });
    // Two seconds may have been begun meanwhile.
    const told = lines.length;
    expect([10, 20]).toContain(told);
    expect(lines[0]).toMatchObject({ event: "admin-refused", ...refusal, url: "x".repeat(200) });
    expect([...audit.refusals]).toEqual([[401, 1000]]);
    audit.stop();
    expect(lines.slice(told)).toMatchObject([{ event: "admin-refused", untold: 1000 - told }]);
  });

  it("says how many it has not told a moment later, without another one", () => {
    vi.useFakeTimers({ now: 0 });
    const { logger, lines } = makeMemoryLogger();
    const audit = new Audit(logger, () => {});
    for (let i = 0; i < 15; i++) audit.refused(refusal);
    vi.advanceTimersByTime(1_000);
    vi.useRealTimers();
    expect(lines).toHaveLength(11);
    expect(lines[10]).toMatchObject({ untold: 5, msg: "5 more admin requests were refused" });
  });
});
