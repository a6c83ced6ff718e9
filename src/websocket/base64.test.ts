import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBase64 } from "./base64.ts";

test("encodeBase64 agrees with Node's Buffer", () => {
  expect(encodeBase64(Uint8Array.of(0xfb, 0xff, 0xbf))).toBe("+/+/");
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    }),
  );
});
