import { describe, expect, it } from "vitest";
import { CLOSE_REASONS } from "../shm/close-reason.ts";
import { TLS_FAILURES } from "../tls/tls-failure.ts";
import { frameReason, tlsReason } from "./transport-reason.ts";

function nameOf(reason: number): string {
  return CLOSE_REASONS[reason]!.name;
}

describe("tlsReason", () => {
  it("has a reason of its own for what an operator can mend", () => {
    const reasons = TLS_FAILURES.map((name, number) => `${name}: ${nameOf(tlsReason(number))}`);
    expect(reasons).toContain("certificate-revoked: tls-certificate-revoked");
    expect(reasons).toContain("certificate-expired: tls-certificate-expired");
    expect(reasons).toContain("certificate-required: tls-certificate-required");
    expect(reasons).toContain("version-unsupported: tls-version-unsupported");
    expect(reasons).toContain("peer-alert: tls-alert");
    expect(reasons).toContain("bad-record: tls-failed");
  });
});

describe("frameReason", () => {
  it("tells a frame that is too large from one that is wrong", () => {
    expect(nameOf(frameReason(1009))).toBe("websocket-too-large");
    expect(nameOf(frameReason(1002))).toBe("websocket-violation");
  });
});
