import { expect, it } from "vitest";
import * as time from "./log-time.ts";

const AT = new Date(2026, 0, 3, 4, 5, 6, 78).getTime();

it("pads the day of RFC 3164 with a space", () => {
  expect(time.timestamp3164(AT)).toBe("Jan  3 04:05:06");
  expect(time.timestamp3164(new Date(2026, 11, 30).getTime())).toBe("Dec 30 00:00:00");
});

it("writes times that are read back as the same moment", () => {
  expect(Date.parse(time.timestamp5424(AT))).toBe(AT);
  expect(Date.parse(time.iso8601(AT))).toBe(AT - 78);
});

it("writes HAProxy's and nginx's dates", () => {
  expect(time.haproxyDate(AT)).toBe("03/Jan/2026:04:05:06.078");
  expect(time.localDateTime(AT)).toMatch(/^03\/Jan\/2026:04:05:06 [+-]\d{4}$/);
  expect(time.gmtDateTime(Date.UTC(2026, 1, 9, 8))).toBe("09/Feb/2026:08:00:00 +0000");
});
