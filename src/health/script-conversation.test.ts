import { describe, expect, it } from "vitest";
import type { ScriptExpectation } from "../config/check-settings.ts";
import { ANSWER_SIZE_MAX } from "./conversation.ts";
import { ScriptConversation, type SpokenStep } from "./script-conversation.ts";

const send = (text: string): SpokenStep => ({ do: "send", bytes: Buffer.from(text), comment: "" });

function expecting(changed: Partial<ScriptExpectation>, comment = ""): SpokenStep {
  const plain = { on: "string", value: "", not: false, bytesMin: null, onSuccess: "", onError: "" };
  return { do: "expect", expect: { ...plain, ...changed } as ScriptExpectation, comment };
}

function judge(changed: Partial<ScriptExpectation>, text: string) {
  const conversation = new ScriptConversation([expecting(changed)], false);
  conversation.onConnect();
  return conversation.onBytes(Buffer.from(text, "latin1")).finding;
}

describe("ScriptConversation", () => {
  it("sends and expects, step by step", () => {
    const steps = [send("PING\r\n"), expecting({ value: "+PONG" }), send("QUIT\r\n")];
    const conversation = new ScriptConversation(steps, false);
    expect(conversation.onConnect()).toEqual({ send: Buffer.from("PING\r\n"), finding: null });
    expect(conversation.awaited).toBe('"+PONG"');
    expect(conversation.onBytes(Buffer.from("+PO"))).toEqual({ send: null, finding: null });
    expect(conversation.onBytes(Buffer.from("NG\r\n"))).toMatchObject({
      send: Buffer.from("QUIT\r\n"),
      finding: { outcome: "passed", code: "L7OK" },
    });
  });

  it("says which layer a script without words has seen", () => {
    for (const [isTls, code] of [
      [false, "L4OK"],
      [true, "L6OK"],
    ] as const) {
      expect(new ScriptConversation([], isTls).onConnect().finding).toMatchObject({ code });
    }
  });

  it.each([
    [{ value: "ready" }, "not ready yet", "passed"],
    [{ value: "ready" }, "not rea", undefined],
    [{ value: "error", not: true, bytesMin: 2 }, "OK", "passed"],
    [{ value: "error", not: true, bytesMin: 2 }, "error", "failed"],
    [{ value: "error", not: true }, "OK", undefined],
    [{ value: "x", bytesMin: 3 }, "ab", undefined],
    [{ value: "x", bytesMin: 3 }, "abc", "failed"],
    [{ on: "string-pattern", value: "^\\d+\\xff$" }, "12\xff", "passed"],
    [{ on: "binary", value: "20020000" }, "\x20\x02\x00\x00", "passed"],
    [{ on: "binary", value: "20020000", bytesMin: 4 }, "\x20\x02\x00\x05", "failed"],
    [{ on: "binary-pattern", value: "^2002..00$" }, "\x20\x02\x01\x00", "passed"],
    [{ on: "binary-pattern", value: "^2002..0A$" }, "\x20\x02\x01\n", "passed"],
  ] as const)("expects %j of %j: %s", (expected, text, outcome) => {
    expect(judge(expected, text)?.outcome).toBe(outcome);
  });

  it("looks at the same bytes again until something is sent", () => {
    const steps = [expecting({ value: "b" }), expecting({ value: "a" }), send("x")];
    const conversation = new ScriptConversation([...steps, expecting({ value: "a" })], false);
    conversation.onConnect();
    const turn = conversation.onBytes(Buffer.from("ab"));
    expect(turn).toEqual({ send: Buffer.from("x"), finding: null });
    expect(conversation.onBytes(Buffer.from("a")).finding).toMatchObject({ outcome: "passed" });
  });

  it("judges what there is when the server ends or sends too much", () => {
    const ends = new ScriptConversation([expecting({ value: "error", not: true })], false);
    ends.onConnect();
    ends.onBytes(Buffer.from("fine"));
    expect(ends.onEnd().finding).toMatchObject({ outcome: "passed" });
    const floods = new ScriptConversation([expecting({ value: "ready" })], false);
    floods.onConnect();
    const flood = floods.onBytes(Buffer.alloc(ANSWER_SIZE_MAX + 1));
    expect(flood.finding).toMatchObject({ outcome: "failed", code: "L7RSP" });
  });

  it("says what the operator wrote about success and failure, else what was there", () => {
    expect(judge({ value: "a", onSuccess: "all is well" }, "a")?.sentence).toBe("all is well");
    expect(judge({ value: "b", bytesMin: 1, onError: "not b" }, "a")?.sentence).toBe("not b");
    expect(judge({ value: "b", bytesMin: 1 }, "a")?.sentence).toBe('expected "b", got 61 "a"');
    const called = new ScriptConversation([expecting({ value: "x" }, "greeting")], false);
    called.onConnect();
    expect(called.awaited).toBe("greeting");
    expect(called.onEnd().finding?.sentence).toBe("expected greeting, got nothing");
  });
});
