import { expect, it } from "vitest";
import { makeTcpConversation } from "./tcp-conversation.ts";

it("makeTcpConversation passes when connected, without a word, and hears nothing", () => {
  const conversation = makeTcpConversation(false);
  expect(conversation.onConnect()).toMatchObject({ send: null, finding: { code: "L4OK" } });
  expect(conversation.onBytes(Uint8Array.of(1))).toEqual({ send: null, finding: null });
});

it("makeTcpConversation says so when TLS was part of it", () => {
  expect(makeTcpConversation(true).onConnect()).toMatchObject({ finding: { code: "L6OK" } });
});
