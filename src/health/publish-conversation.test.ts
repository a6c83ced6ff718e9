import { expect, it } from "vitest";
import { PublishConversation } from "./publish-conversation.ts";

it("PublishConversation waits for what shows that the server took the message", () => {
  const login = { version: "3.1.1", clientId: "a", userName: null, password: null } as const;
  const message = { topic: "t", payload: Uint8Array.of(1), qos: 1 } as const;
  const conversation = new PublishConversation(login, message);
  conversation.onBytes(Uint8Array.of(0x20, 2, 0, 0));
  expect(conversation.awaited).toBe("PUBACK");
  expect(conversation.onBytes(Uint8Array.of(0xd0, 0)).finding).toBeNull();
  expect(conversation.onBytes(Uint8Array.of(0x40, 2, 0, 2)).finding?.outcome).toBe("passed");
});
