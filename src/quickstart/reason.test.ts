import { describe, expect, it } from "vitest";
import { REASON, returnCode } from "./reason.ts";

describe("returnCode", () => {
  it("gives the codes of 3.1.1, table 3.1", () => {
    expect(returnCode(REASON.unsupportedProtocolVersion)).toBe(1);
    expect(returnCode(REASON.clientIdentifierNotValid)).toBe(2);
    expect(returnCode(REASON.quotaExceeded)).toBe(3);
    expect(returnCode(REASON.serverShuttingDown)).toBe(3);
    expect(returnCode(REASON.notAuthorized)).toBe(5);
  });

  it("has none for what 3.1.1 answers by closing", () => {
    expect(returnCode(REASON.malformedPacket)).toBe(-1);
    expect(returnCode(REASON.protocolError)).toBe(-1);
  });
});
