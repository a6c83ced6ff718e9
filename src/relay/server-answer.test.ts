import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { writeConnack } from "../mqtt/connack.ts";
import { ACCEPTED, OTHERWISE, REFUSED, readAnswer, UNANSWERED } from "./server-answer.ts";

const ACCEPTS = [0x20, 2, 0, 0];
const RESUMES = [0x20, 2, 1, 0];
const REFUSES = [0x20, 2, 0, 5];

function answerTo(pieces: readonly (readonly number[])[]): number {
  return pieces.reduce(
    (answer, piece) => readAnswer(answer, Uint8Array.from([9, ...piece]), 1, piece.length),
    UNANSWERED,
  );
}

function explainedRefusal(): number[] {
  const packet = new Uint8Array(1024);
  const reason = "x".repeat(300);
  const size = writeConnack(packet, 0, { level: 5, code: 0x87, reason });
  return [...packet.subarray(0, size)];
}

describe("readAnswer", () => {
  it("tells a CONNACK that accepts from one that refuses, at every split", () => {
    const cases = [
      [ACCEPTS, ACCEPTED],
      [RESUMES, ACCEPTED],
      [REFUSES, REFUSED],
      [explainedRefusal(), REFUSED],
    ] as const;
    for (const [packet, answer] of cases) {
      for (let at = 0; at <= packet.length; at++) {
        expect(answerTo([packet.slice(0, at), packet.slice(at)])).toBe(answer);
      }
      expect(answerTo(packet.map((byte) => [byte]))).toBe(answer);
    }
  });

  it("says nothing before the code is there", () => {
    for (let size = 0; size < 4; size++) {
      expect(answerTo([REFUSES.slice(0, size)])).toBeLessThan(ACCEPTED);
    }
  });

  it("keeps its answer whatever follows", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(255)), (rest) => {
        expect(answerTo([ACCEPTS, rest])).toBe(ACCEPTED);
        expect(answerTo([[...REFUSES, ...rest]])).toBe(REFUSED);
        expect(answerTo([[0xf0, ...rest]])).toBe(OTHERWISE);
      }),
    );
  });
});
