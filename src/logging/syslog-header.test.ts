import { describe, expect, it } from "vitest";
import { type MessageSettings, makeMessage } from "./syslog-header.ts";
import type { Header, Level } from "./syslog-names.ts";

const sender = { host: "gate.example", tag: "fairlead", pid: 42 };
const NOON = new Date(2026, 10, 3, 12, 4, 5, 67).getTime();

function message(header: Header, line = "a line", changed: Partial<MessageSettings> = {}): string {
  const settings = { header, facility: "local0", lengthMax: 1_024, ...changed } as const;
  return Buffer.from(makeMessage(line, "info", NOON, { sender, settings })).toString("latin1");
}

function zone(): string {
  const minutes = -new Date(NOON).getTimezoneOffset();
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}

describe("makeMessage", () => {
  const stamp = `2026-11-03T12:04:05.067${zone()}`;

  it.each<[Header, string]>([
    ["rfc3164", "<134>Nov  3 12:04:05 gate.example fairlead[42]: a line"],
    ["rfc5424", `<134>1 ${stamp} gate.example fairlead 42 - - a line`],
    ["local", "<134>Nov  3 12:04:05 fairlead[42]: a line"],
    ["priority", "<134>a line"],
    ["short", "<6>a line"],
    ["timed", `<6>${stamp} a line`],
    ["iso", `${stamp} a line`],
    ["raw", "a line"],
  ])("writes %s byte for byte", (header, expected) => {
    expect(message(header)).toBe(expected);
  });

  it.each<[Level, MessageSettings["facility"], string]>([
    ["emerg", "kern", "<0>"],
    ["debug", "local7", "<191>"],
    ["notice", "daemon", "<29>"],
  ])("has %s of %s as %s (RFC 5424, 6.2.1)", (level, facility, expected) => {
    const settings = { header: "priority", facility, lengthMax: 99 } as const;
    const bytes = makeMessage("", level, NOON, { sender, settings });
    expect(new TextDecoder().decode(bytes)).toBe(expected);
  });

  it("keeps what peers chose from ending a message", () => {
    expect(message("raw", "id=a\r\n<0>forged\u0000")).toBe("id=a  <0>forged ");
  });

  it("cuts at whole characters", () => {
    expect(message("raw", "ab€", { lengthMax: 4 })).toBe("ab");
    expect(message("raw", "ab€", { lengthMax: 5 })).toBe(Buffer.from("ab€").toString("latin1"));
  });

  it("has a dash for names without a printable character", () => {
    const settings = { header: "rfc5424", facility: "user", lengthMax: 99 } as const;
    const nameless = { host: "ä", tag: " ", pid: 1 };
    const bytes = makeMessage("x", "info", NOON, { sender: nameless, settings });
    expect(new TextDecoder().decode(bytes)).toBe(`<14>1 ${stamp} - - 1 - - x`);
  });
});
