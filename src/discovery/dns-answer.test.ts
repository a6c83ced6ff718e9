import { expect, it } from "vitest";
import { recordKey } from "./dns-answer.ts";

it("recordKey tells places apart, whatever they weigh", () => {
  const place = { address: "10.0.0.1", port: 1883, weight: 1 };
  expect(recordKey({ ...place, weight: 2 })).toBe(recordKey(place));
  expect(recordKey({ ...place, port: 1884 })).not.toBe(recordKey(place));
  expect(recordKey({ ...place, port: null })).not.toBe(recordKey(place));
});
