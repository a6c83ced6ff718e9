import { describe, expect, it } from "vitest";
import { LISTEN, type Turn } from "./conversation.ts";
import type { ReceivedPacket } from "./mqtt-packets.ts";
import { PacketConversation } from "./packet-conversation.ts";

class Listening extends PacketConversation {
  readonly types: number[] = [];

  protected onAccepted(): Turn {
    this.awaited = "anything";
    return { send: Uint8Array.of(1), finding: null };
  }

  protected onPacket({ type }: ReceivedPacket): Turn {
    this.types.push(type);
    return { send: Uint8Array.of(type), finding: null };
  }
}

function accepted(): Listening {
  const login = { version: "3.1.1", clientId: "a", userName: null, password: null } as const;
  return new Listening(login);
}

const CONNACK = [0x20, 2, 0, 0];

describe("PacketConversation", () => {
  it("says all that follows from what came together", () => {
    const conversation = accepted();
    const turn = conversation.onBytes(Uint8Array.of(...CONNACK, 0xd0, 0, 0x40, 2, 0, 1));
    expect([...turn.send!]).toEqual([1, 13, 4]);
    expect([conversation.types, turn.finding]).toEqual([[13, 4], null]);
    expect(conversation.onEnd()).toBe(LISTEN);
  });

  it("takes nothing but CONNACK first, and no DISCONNECT after", () => {
    expect(accepted().onBytes(Uint8Array.of(0xd0, 0)).finding?.sentence).toBe(
      "unexpected bytes instead of CONNACK: d0 00",
    );
    const conversation = accepted();
    const turn = conversation.onBytes(Uint8Array.of(...CONNACK, 0xe0, 0));
    expect(turn.finding?.sentence).toBe("DISCONNECT instead of anything");
  });
});
