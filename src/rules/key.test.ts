import { expect, it } from "vitest";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { keyOf } from "./key.ts";
import type { KeyType } from "./names.ts";
import { addressValue, booleanValue, integerValue, textValue, type Value } from "./value.ts";

const address = addressValue(makeEndpoint("10.0.0.1", 0)!, 0);

it.each<[Value, KeyType, string | null]>([
  [address, "address", "00000000000000000000ffff0a000001"],
  [integerValue(258), "integer", "00000102"],
  [integerValue(-1), "integer", "ffffffff"],
  [address, "integer", "0a000001"],
  [textValue("dev"), "text", "646576"],
  [textValue("dev"), "binary", "646576"],
  [textValue("10.0.0.1"), "address", "00000000000000000000ffff0a000001"],
  [textValue("nobody"), "address", null],
  [booleanValue(true), "text", "31"],
])("the key of value %# in its table", (value, type, expected) => {
  const key = keyOf(value, type);
  const bytes = key?.bytes.subarray(key.offset, key.offset + key.length);
  expect(bytes === undefined ? null : Buffer.from(bytes).toString("hex")).toBe(expected);
});

it("a key is as long as its text, and no longer than MQTT's texts", () => {
  expect(keyOf(textValue("x".repeat(65_535)), "text")?.length).toBe(65_535);
  expect(keyOf(textValue("x".repeat(65_536)), "text")).toBeNull();
});
