import { expect, it } from "vitest";
import { tcpConversation } from "./tcp-conversation.ts";

it("tcpConversation passes when connected, without a word, and hears nothing", () => {
  expect(tcpConversation.onConnect()).toMatchObject({ send: null, finding: { code: "L4OK" } });
  expect(tcpConversation.onBytes(Uint8Array.of(1))).toEqual({ send: null, finding: null });
});
