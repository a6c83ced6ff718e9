// The other half of an `mqtt-message` check across two servers: CONNECT, PUBLISH, DISCONNECT.
//
// Passes when the server has taken the message: with PUBACK at QoS 1, with the PINGRESP that
// follows it at QoS 0.

import { DISCONNECT, PINGREQ } from "../mqtt/packet.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import { LISTEN, type Turn } from "./conversation.ts";
import type { MqttConversationSettings } from "./mqtt-conversation.ts";
import { encodePublish, type MessageRequest, type ReceivedPacket } from "./mqtt-packets.ts";
import { PacketConversation } from "./packet-conversation.ts";

export class PublishConversation extends PacketConversation {
  private readonly message: MessageRequest;

  constructor(settings: MqttConversationSettings, message: MessageRequest) {
    super(settings);
    this.message = message;
  }

  protected onAccepted(): Turn {
    const publish = encodePublish(this.level, this.message);
    this.awaited = this.message.qos === 0 ? "PINGRESP" : "PUBACK";
    const send = this.message.qos === 0 ? Buffer.concat([publish, Buffer.from(PINGREQ)]) : publish;
    return { send, finding: null };
  }

  protected onPacket({ type }: ReceivedPacket): Turn {
    const awaited = this.message.qos === 0 ? PacketType.pingresp : PacketType.puback;
    if (type !== awaited) return LISTEN;
    const finding = { outcome: "passed", code: "L7OK", sentence: "published" } as const;
    return { send: Uint8Array.from(DISCONNECT), finding };
  }
}
