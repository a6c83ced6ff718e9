import { describe, expect, it } from "vitest";
import { AgentConversation } from "./agent-conversation.ts";

describe("AgentConversation", () => {
  it("says what the program wants to hear, and reads one line", () => {
    const conversation = new AgentConversation("hello\n");
    expect(conversation.onConnect().send).toEqual(Buffer.from("hello\n"));
    expect(conversation.onBytes(Buffer.from("up 5")).finding).toBeNull();
    expect(conversation.onBytes(Buffer.from("0%\r\nmore")).finding).toMatchObject({
      outcome: "passed",
      sentence: "up 50%",
    });
    expect(conversation.answer).toMatchObject({ up: true, weightPercent: 50 });
  });

  it("takes the end for the end of the line, but not without a word", () => {
    const conversation = new AgentConversation("");
    expect(conversation.onConnect().send).toBeNull();
    expect(conversation.onEnd().finding).toBeNull();
    conversation.onBytes(Buffer.from("drain"));
    expect(conversation.onEnd().finding).toMatchObject({ outcome: "passed" });
    expect(conversation.answer?.admin).toBe("drain");
  });

  it("refuses words it does not know, and lines without end", () => {
    const strange = new AgentConversation("");
    expect(strange.onBytes(Buffer.from("fine\n")).finding).toMatchObject({
      outcome: "failed",
      sentence: 'unknown words: 66 69 6e 65 "fine"',
    });
    const endless = new AgentConversation("").onBytes(Buffer.alloc(2000, "x")).finding;
    expect(endless?.sentence).toBe("no line in the first 1024 bytes");
  });
});
