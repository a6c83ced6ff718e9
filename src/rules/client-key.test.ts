import { expect, test } from "vitest";
import { CLIENT_KEY_NAMES, isClientKeyName } from "./client-key.ts";

test("isClientKeyName tells the names from expressions", () => {
  expect(CLIENT_KEY_NAMES.every(isClientKeyName)).toBe(true);
  for (const text of ["src", "Client-Id", "", "source,lower", "constructor"]) {
    expect(isClientKeyName(text), text).toBe(false);
  }
});
