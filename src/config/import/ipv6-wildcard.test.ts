import { expect, test } from "vitest";
import { isIpv6Wildcard } from "./ipv6-wildcard.ts";

test.each([
  ["[::]:1883", true],
  ["[0:0:0:0:0:0:0:0]:1883", true],
  ["[::1]:1883", false],
  ["0.0.0.0:1883", false],
])("%s stands for all of IPv6: %s", (address, expected) => {
  expect(isIpv6Wildcard(address)).toBe(expected);
});
