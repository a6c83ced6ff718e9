// The `mqtt-message` check: CONNECT, SUBSCRIBE, PUBLISH, and the own message comes back.
//
//   this server          ──SUBSCRIBE──►  ◄──SUBACK──  ──PUBLISH──►  ◄──PUBLISH──  ──DISCONNECT──►
//   or across another:   publish-conversation.ts says PUBLISH there once SUBACK is here
//
// The payload tells one check from another. Nothing is retained and no state stays with the broker.

import { DISCONNECT } from "../mqtt/packet.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import { fails, LISTEN, type Turn } from "./conversation.ts";
import type { MqttConversationSettings } from "./mqtt-conversation.ts";
import {
  encodePuback,
  encodePublish,
  encodeSubscribe,
  type MessageRequest,
  type ReceivedPacket,
  readMessage,
  SUBSCRIBE_ID,
} from "./mqtt-packets.ts";
import { PacketConversation } from "./packet-conversation.ts";

/** The first code of SUBACK that is a refusal (3.1.1, 3.9.3; 5.0, 3.9.3). */
const SUBACK_REFUSED = 0x80;

export interface MessageConversationSettings extends MqttConversationSettings {
  readonly message: MessageRequest;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Has another server publish the message, by its name; null: this one does. */
  readonly across: { readonly server: string; readonly publish: () => void } | null;
}

export class MessageConversation extends PacketConversation {
  private readonly own: MessageConversationSettings;
  private publishedAtMs = 0;

  constructor(settings: MessageConversationSettings) {
    super(settings);
    this.own = settings;
  }

  protected onAccepted(): Turn {
    this.awaited = "SUBACK";
    const { topic, qos } = this.own.message;
    return { send: encodeSubscribe(this.level, topic, qos), finding: null };
  }

  protected onPacket(packet: ReceivedPacket): Turn {
    return packet.type === PacketType.suback ? this.onSuback(packet) : this.onMessage(packet);
  }

  private onSuback({ body }: ReceivedPacket): Turn {
    if (this.awaited !== "SUBACK" || body[1] !== SUBSCRIBE_ID) return LISTEN;
    const code = body.at(-1)!;
    if (code >= SUBACK_REFUSED) return fails("L7STS", `SUBACK ${code}: subscription refused`);
    this.publishedAtMs = this.own.now();
    const { across, message } = this.own;
    this.awaited = across === null ? "own message" : `message through "${across.server}"`;
    if (across === null) return { send: encodePublish(this.level, message), finding: null };
    across.publish();
    return LISTEN;
  }

  private onMessage(packet: ReceivedPacket): Turn {
    const message = readMessage(this.level, packet);
    if (message === null) return LISTEN;
    const { payload, topic } = this.own.message;
    const goodbye = [message.id === 0 ? [] : encodePuback(message.id), DISCONNECT];
    const isOwn = message.topic === topic && Buffer.from(message.payload).equals(payload);
    if (!isOwn) return { send: message.id === 0 ? null : encodePuback(message.id), finding: null };
    const sentence = `${this.awaited} came, MQTT ${this.settings.version}`;
    const latencyMs = this.own.now() - this.publishedAtMs;
    const finding = { outcome: "passed", code: "L7OK", sentence, latencyMs } as const;
    return { send: Uint8Array.from(goodbye.flatMap((words) => [...words])), finding };
  }
}
