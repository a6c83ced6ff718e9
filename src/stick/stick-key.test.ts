import { expect, it } from "vitest";
import { makeStickKey } from "./stick-key.ts";

it("makeStickKey starts as the empty key", () => {
  expect(makeStickKey()).toEqual({ bytes: new Uint8Array(0), offset: 0, length: 0 });
});
