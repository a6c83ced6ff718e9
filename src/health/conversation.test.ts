import { expect, it } from "vitest";
import { fails, joinBytes, showBytes } from "./conversation.ts";

it("fails ends a conversation without a word", () => {
  const finding = { outcome: "failed", code: "L7RSP", sentence: "no" };
  expect(fails("L7RSP", "no")).toEqual({ send: null, finding });
});

it("showBytes shows the start of text as text, and of anything in hex", () => {
  expect(showBytes(Buffer.from("HTTP/1.1 400"))).toBe('48 54 54 50 2f 31 2e 31 "HTTP/1.1"');
  expect(showBytes(Uint8Array.of(0x20, 2))).toBe("20 02");
});

it("joinBytes gives both, in an array of its own", () => {
  const head = Uint8Array.of(1);
  const whole = joinBytes(head, Uint8Array.of(2, 3));
  head[0] = 9;
  expect([...whole]).toEqual([1, 2, 3]);
});
