import { expect, test } from "vitest";
import { ControlPayloads } from "./control-payloads.ts";

test("ControlPayloads keeps each slot's bytes apart until they are released", () => {
  const payloads = new ControlPayloads();
  const bytes = Uint8Array.of(1, 2, 3, 4);
  expect(payloads.isEmpty(5)).toBe(true);
  payloads.append(5, bytes, 0, 1);
  payloads.append(6, bytes, 3, 1);
  expect([payloads.isEmpty(5), payloads.isEmpty(6), payloads.isEmpty(7)]).toEqual([
    ...[false, false, true],
  ]);
  const whole = payloads.append(5, bytes, 1, 2);
  expect([...whole.bytes.subarray(0, whole.length)]).toEqual([1, 2, 3]);
  payloads.release(5);
  payloads.release(5);
  expect([payloads.isEmpty(5), payloads.isEmpty(6)]).toEqual([true, false]);
});

test("ControlPayloads uses memory again", () => {
  const payloads = new ControlPayloads();
  const first = payloads.append(0, Uint8Array.of(1, 2), 0, 2);
  payloads.release(0);
  const second = payloads.append(9, Uint8Array.of(3), 0, 1);
  expect(second.bytes).toBe(first.bytes);
  expect([second.length, second.bytes[0]]).toEqual([1, 3]);
});
