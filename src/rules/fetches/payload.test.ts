import { expect, it } from "vitest";
import { ask, makeSubject, sayTo } from "../../../tests/fixtures/rule-subject.ts";
import { PAYLOAD_FETCHES } from "./payload.ts";

it("PAYLOAD_FETCHES give bytes that are there, and wait for those that may come", () => {
  const subject = sayTo(makeSubject(), new TextEncoder().encode("hello"));
  const all = [
    "req.payload(0,0)",
    "payload(1,3)",
    "req.payload(3,0)",
    "req.payload(2,9)",
    "req.len",
  ];
  const answers = () => [...all, "wait_end"].map((text) => ask(text, subject));
  expect(answers()).toEqual(["hello", "ell", "lo", "absent", 5n, true]);
  subject.payloadMayGrow = true;
  expect(answers()).toEqual(["hello", "ell", "lo", "not yet", 5n, "not yet"]);
  expect(ask("req.payload(0,0)")).toBe("not yet");
  expect(PAYLOAD_FETCHES.every(({ stage }) => stage === "connect")).toBe(true);
});
