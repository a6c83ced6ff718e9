// What MQTT conversations of several packets share: CONNECT, its answer, and one packet at a time.
// Base of message-conversation.ts and publish-conversation.ts; says nothing beyond CONNECT.

import { encodeConnect } from "../mqtt/packet.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import { type Conversation, fails, LISTEN, showBytes, type Turn } from "./conversation.ts";
import { type MqttConversationSettings, nameRefusal } from "./mqtt-conversation.ts";
import { type MqttLevel, PacketSplitter, type ReceivedPacket } from "./mqtt-packets.ts";

const KEEP_ALIVE_SECONDS = 60;

export abstract class PacketConversation implements Conversation {
  awaited = "CONNACK";
  protected readonly settings: MqttConversationSettings;
  protected readonly level: MqttLevel;
  private readonly splitter = new PacketSplitter();

  constructor(settings: MqttConversationSettings) {
    this.settings = settings;
    this.level = settings.version === "5.0" ? 5 : 4;
  }

  /** What follows CONNACK 0. */
  protected abstract onAccepted(): Turn;
  /** A packet after CONNACK. */
  protected abstract onPacket(packet: ReceivedPacket): Turn;

  onConnect(): Turn {
    const { clientId, userName, password } = this.settings;
    const send = encodeConnect({
      level: this.level,
      clientId,
      cleanStart: true,
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
      ...(userName === null ? {} : { userName }),
      ...(password === null ? {} : { password }),
    });
    return { send, finding: null };
  }

  onBytes(bytes: Uint8Array): Turn {
    this.splitter.add(bytes);
    // A wrong port mostly answers in text, whose "length" may never come.
    if (this.awaited === "CONNACK" && this.splitter.pendingType !== PacketType.connack) {
      return fails("L7RSP", this.sayUnexpected(bytes));
    }
    const words: Uint8Array[] = [];
    for (;;) {
      const packet = this.splitter.next();
      if (this.splitter.isBroken) return fails("L7RSP", this.sayUnexpected(bytes));
      if (packet === null) return { send: joined(words), finding: null };
      const { send, finding } = this.take(packet, bytes);
      if (send !== null) words.push(send);
      if (finding !== null) return { send: joined(words), finding };
    }
  }

  onEnd(): Turn {
    return LISTEN;
  }

  private take(packet: ReceivedPacket, bytes: Uint8Array): Turn {
    if (this.awaited === "CONNACK") {
      const isConnack = packet.type === PacketType.connack && packet.body.length >= 2;
      if (!isConnack) return fails("L7RSP", this.sayUnexpected(bytes));
      const code = packet.body[1]!;
      return code === 0
        ? this.onAccepted()
        : fails("L7STS", nameRefusal(code, this.settings.version));
    }
    if (packet.type === PacketType.disconnect) {
      return fails("L7RSP", `DISCONNECT instead of ${this.awaited}`);
    }
    return this.onPacket(packet);
  }

  private sayUnexpected(bytes: Uint8Array): string {
    return `unexpected bytes instead of ${this.awaited}: ${showBytes(bytes)}`;
  }
}

function joined(words: readonly Uint8Array[]): Uint8Array | null {
  return words.length === 0 ? null : Buffer.concat(words);
}
