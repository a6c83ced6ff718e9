import { expect, it } from "vitest";
import { ManualClock } from "../../tests/fixtures/manual-clock.ts";
import type { DnsAnswer } from "./dns-answer.ts";
import { NameWatch } from "./name-watch.ts";

const HOLD = { obsoleteMs: 0, failureMs: { nx: 0, refused: 0, timeout: 0, other: 0 } };
const FOUND: DnsAnswer = {
  records: [{ address: "10.0.0.1", port: null, weight: null }],
  failure: null,
};

it("NameWatch asks one question at a time, an interval after each answer", async () => {
  const clock = new ManualClock();
  const answers: ((answer: DnsAnswer) => void)[] = [];
  let changes = 0;
  const watch = new NameWatch({
    question: { name: "a.example", prefer: "ipv4" },
    slotCount: 1,
    client: { ask: () => new Promise((resolve) => answers.push(resolve)), close: () => {} },
    intervalMs: 1000,
    hold: HOLD,
    clock,
    onChange: () => changes++,
    onFailure: () => {},
  });
  const started = watch.start();
  await clock.advanceTo(5000);
  expect(answers.length).toBe(1);
  answers[0]!(FOUND);
  await started;
  expect([watch.records, changes]).toEqual([FOUND.records, 1]);
  await clock.advanceTo(5999);
  expect(answers.length).toBe(1);
  await clock.advanceTo(6000);
  expect(answers.length).toBe(2);
  watch.stop();
  answers[1]!(FOUND);
  await clock.advanceTo(9000);
  expect([answers.length, changes, clock.timerCount]).toEqual([2, 1, 0]);
});
