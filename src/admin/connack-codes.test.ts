import { expect, it } from "vitest";
import { ReasonCode, ReturnCode } from "../mqtt/connack.ts";
import { CONNACK_CODES } from "./connack-codes.ts";

it("every byte has one code, and is written as the specification writes it", () => {
  const bytes = CONNACK_CODES.flatMap(({ words }) => words);
  expect(bytes.toSorted((a, b) => a - b)).toEqual([...new Uint8Array(256).keys()]);
  const written = CONNACK_CODES.map(({ code }) => code);
  expect(new Set(written).size).toBe(written.length);
  expect([written[0], written[5], written[6], written.at(-1)]).toEqual(["0", "5", "0x80", "other"]);
});

it("a code that Fairlead writes itself is never another", () => {
  // What stands in a DISCONNECT only (5.0, 2.4).
  const { serverShuttingDown, keepAliveTimeout, sessionTakenOver, administrativeAction, ...rest } =
    ReasonCode;
  const elsewhere = [serverShuttingDown, keepAliveTimeout, sessionTakenOver, administrativeAction];
  const other = CONNACK_CODES.at(-1)!.words;
  const codes = [...Object.values(rest), ...Object.values(ReturnCode)];
  expect(codes.filter((code) => other.includes(code))).toEqual([]);
  expect(elsewhere.every((code) => other.includes(code))).toBe(true);
});
