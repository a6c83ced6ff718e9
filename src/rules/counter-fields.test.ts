import { expect, it } from "vitest";
import { COUNTER_FIELDS, counterNumber } from "./counter-fields.ts";

it("counterNumber is the position of a field", () => {
  expect(COUNTER_FIELDS.map(counterNumber)).toEqual(COUNTER_FIELDS.map((_, i) => i));
});
