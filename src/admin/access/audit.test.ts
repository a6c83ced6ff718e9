import { describe, expect, it } from "vitest";
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
    expect([10, 20]).toContain(lines.length);
    expect(lines[0]).toMatchObject({ event: "admin-refused", ...refusal, url: "x".repeat(200) });
  });
});
