// The `mqtt` check: CONNECT, CONNACK 0, PINGREQ, PINGRESP, DISCONNECT, as a clean client does it,
// so that a broker has nothing to complain about in its log.
//
// Bounded by ANSWER_SIZE_MAX: a server that sends more before it has answered is no broker of ours.
// Packets it pushes between CONNACK and PINGRESP (automatic subscriptions) are let pass.

import { randomBytes } from "node:crypto";
import {
  CONNACK_NEEDS_MORE,
  NOT_CONNACK,
  ReasonCode,
  ReturnCode,
  readConnack,
  SESSION_PRESENT,
} from "../mqtt/connack.ts";
import { NOT_MQTT, PACKET_COUNT_WORDS, PacketTracker } from "../mqtt/framing.ts";
import { DISCONNECT, encodeConnect, PINGREQ } from "../mqtt/packet.ts";
import { PacketType } from "../mqtt/packet-type.ts";
import { readVariableLength, variableLengthSize } from "../mqtt/variable-length.ts";
import {
  ANSWER_SIZE_MAX,
  type Conversation,
  fails,
  joinBytes,
  LISTEN,
  showBytes,
  type Turn,
} from "./conversation.ts";

/** What the broker may wait for us; a probe is long gone by then. */
const KEEP_ALIVE_SECONDS = 60;
const LEVEL_3_1_1 = 4;
const LEVEL_5_0 = 5;

export interface MqttConversationSettings {
  readonly version: "3.1.1" | "5.0";
  readonly clientId: string;
  readonly userName: string | null;
  readonly password: string | null;
}

export class MqttConversation implements Conversation {
  awaited = "CONNACK";
  private readonly version: MqttConversationSettings["version"];
  private readonly connectPacket: Uint8Array;
  private readonly tracker = new PacketTracker(1);
  private readonly packetCounts = new Float64Array(PACKET_COUNT_WORDS);
  /** What has arrived of the CONNACK. */
  private answer: Uint8Array = new Uint8Array(0);
  private receivedSize = 0;

  /** @throws RangeError when the settings make no valid CONNECT: 3.1.1 with a password alone */
  constructor(settings: MqttConversationSettings) {
    const { version, clientId, userName, password } = settings;
    this.version = version;
    this.connectPacket = encodeConnect({
      level: version === "5.0" ? LEVEL_5_0 : LEVEL_3_1_1,
      clientId,
      cleanStart: true,
      keepAliveSeconds: KEEP_ALIVE_SECONDS,
      ...(userName === null ? {} : { userName }),
      ...(password === null ? {} : { password }),
    });
  }

  onConnect(): Turn {
    return { send: this.connectPacket, finding: null };
  }

  onBytes(bytes: Uint8Array): Turn {
    this.receivedSize += bytes.length;
    if (this.receivedSize > ANSWER_SIZE_MAX) {
      return fails("L7RSP", `no ${this.awaited} in the first ${ANSWER_SIZE_MAX} bytes`);
    }
    return this.awaited === "CONNACK" ? this.onConnackBytes(bytes) : this.onPongBytes(bytes);
  }

  onEnd(): Turn {
    return LISTEN;
  }

  private onConnackBytes(bytes: Uint8Array): Turn {
    this.answer = joinBytes(this.answer, bytes);
    const code = readConnack(this.answer, 0, this.answer.length);
    if (code === CONNACK_NEEDS_MORE) return LISTEN;
    if (code === NOT_CONNACK) {
      return fails("L7RSP", `unexpected bytes instead of CONNACK: ${showBytes(this.answer)}`);
    }
    const refusal = code & ~SESSION_PRESENT;
    if (refusal !== 0) return fails("L7STS", nameRefusal(refusal, this.version));
    this.awaited = "PINGRESP";
    const early = this.onPongBytes(this.answer.subarray(packetSize(this.answer)));
    return early === LISTEN ? { send: Uint8Array.from(PINGREQ), finding: null } : early;
  }

  private onPongBytes(bytes: Uint8Array): Turn {
    const began = this.tracker.track(0, bytes, 0, bytes.length, this.packetCounts);
    if (began === NOT_MQTT) {
      return fails("L7RSP", `unexpected bytes instead of PINGRESP: ${showBytes(bytes)}`);
    }
    if (this.packetCounts[PacketType.disconnect << 4]! > 0) {
      return fails("L7RSP", "DISCONNECT instead of PINGRESP");
    }
    if (this.packetCounts[PacketType.pingresp << 4] === 0 || !this.tracker.atBoundary(0))
      return LISTEN;
    const sentence = `CONNACK 0 and PINGRESP, MQTT ${this.version}`;
    const finding = { outcome: "passed", code: "L7OK", sentence } as const;
    return { send: Uint8Array.from(DISCONNECT), finding };
  }
}

/** @returns a client id that no other check has */
export function makeClientId({ clientIdPrefix }: { readonly clientIdPrefix: string }): string {
  return clientIdPrefix + randomBytes(4).toString("hex");
}

/** @returns `CONNACK 5: not authorized` */
export function nameRefusal(code: number, version: "3.1.1" | "5.0"): string {
  const names = version === "5.0" ? ReasonCode : ReturnCode;
  const name = Object.entries(names).find(([, number]) => number === code)?.[0];
  const words = name?.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`) ?? "unknown code";
  return `CONNACK ${code}: ${words}`;
}

// The size of the packet that `bytes` begin with; its length was read before.
function packetSize(bytes: Uint8Array): number {
  const length = readVariableLength(bytes, 1, bytes.length);
  return 1 + variableLengthSize(length) + length;
}
