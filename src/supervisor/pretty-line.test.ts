import { describe, expect, it } from "vitest";
import { formatPrettyLine } from "./pretty-line.ts";

const record = {
  level: "warn",
  time: "2026-11-21T12:00:05.123Z",
  server: "b1",
  reason: "connection refused",
  msg: 'Server "b1" is DOWN',
};

describe("formatPrettyLine", () => {
  it("puts time, level and sentence first and quotes what has spaces", () => {
    expect(formatPrettyLine(JSON.stringify(record), false)).toBe(
      '12:00:05.123 WARN  Server "b1" is DOWN server=b1 reason="connection refused"\n',
    );
  });

  it("uses colours on a terminal only", () => {
    expect(formatPrettyLine(JSON.stringify(record), true)).toContain("\u001b[33mWARN ");
    expect(formatPrettyLine(JSON.stringify(record), false)).not.toContain("\u001b");
  });

  it("lets no client id move the cursor or reverse the line", () => {
    const clientId = "\u001b[2J\u009b1m\u202eevil\nINFO";
    const line = formatPrettyLine(JSON.stringify({ ...record, clientId }), false);
    expect(line.trimEnd()).toMatch(/^[^\p{Cc}\p{Cf}]*$/u);
    expect(line).toContain("evil");
  });
});
