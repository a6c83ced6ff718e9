// Decodes and judges the MQTT CONNECT packet (3.1, 3.1.1, 5.0), incrementally and without copying.
//
//   ┌──────┬─────────────┬───────────────┬───────┬───────┬───────────┬────────────┬──────────┐
//   │ 0x10 │ length 1..4 │ protocol name │ level │ flags │ keepalive │ props (v5) │ payload  │
//   └──────┴─────────────┴───────────────┴───────┴───────┴───────────┴────────────┴──────────┘
//
// Bounded by sizeMax: a longer declared length is refused from the fixed header alone.
// Pure: no I/O, no clock. "Need more bytes" is a result, not an error.

/** What `inspect` answers while the packet is not complete and nothing is wrong so far. */
export const NEED_MORE = 0;

/** A part of the packet that was not there: offsets of absent fields. */
export const ABSENT = -1;

/** One user property of MQTT 5.0, as text. */
export interface UserProperty {
  readonly name: string;
  readonly value: string;
}

/**
 * Inspects CONNECT packets, one after the other; made once per worker.
 *
 * After a positive verdict the fields describe the packet; offsets are offsets into `bytes` (not into
 * the packet), ABSENT with length 0 where the field was not sent. After NEED_MORE or a refusal
 * only `level`, `bridge` and `refusedAt` mean something. The next `inspect` overwrites everything.
 */
export class ConnectInspector {
  /** 3 (MQTT 3.1), 4 (3.1.1) or 5 (5.0); 0 as long as it is unknown. */
  level = 0;
  /** Bit 7 of the level byte: a Mosquitto bridge says so; the level is the other seven bits. */
  bridge = false;
  /** Where a refused packet went wrong, counted from its first byte. */
  refusedAt = 0;

  /** The connect flags as sent. */
  flags = 0;
  /** Clean Session (3.x) or Clean Start (5.0). */
  cleanStart = false;
  keepAliveSeconds = 0;
  clientIdOffset = ABSENT;
  clientIdLength = 0;
  userNameOffset = ABSENT;
  userNameLength = 0;
  passwordOffset = ABSENT;
  passwordLength = 0;

  willTopicOffset = ABSENT;
  willTopicLength = 0;
  willPayloadOffset = ABSENT;
  willPayloadLength = 0;
  willQos = 0;
  willRetain = false;

  /** The CONNECT properties of 5.0, without their length field; ABSENT in 3.x. */
  propertiesOffset = ABSENT;
  propertiesLength = 0;
  willPropertiesOffset = ABSENT;
  willPropertiesLength = 0;

  /** 5.0: how long the session outlives the connection; 0xffffffff: it never expires. */
  sessionExpirySeconds = 0;
  receiveMaximum = 65_535;
  /** In bytes; 0 when the client sets no limit. */
  maximumPacketSize = 0;
  topicAliasMaximum = 0;
  requestResponseInformation = false;
  requestProblemInformation = true;
  authenticationMethodOffset = ABSENT;
  authenticationMethodLength = 0;
  authenticationDataOffset = ABSENT;
  authenticationDataLength = 0;

  /**
   * Judges what has arrived of a client's first packet. May be called again, from the packet's
   * first byte, whenever more has arrived: a refusal never depends on how the bytes were split,
   * and comes as soon as the packet cannot become valid by what the first 12 bytes of its variable header
   * say; everything behind them is judged when the packet is complete.
   * @param offset where the packet starts in `bytes`
   * @param available how many bytes of the stream are there; may reach beyond the packet
   * @param sizeMax the largest packet accepted, in bytes, its fixed header included
   * @returns the size of the packet in bytes, NEED_MORE, or a negative rule number (rule.ts)
   */
  inspect(bytes: Uint8Array, offset: number, available: number, sizeMax: number): number {
    void bytes;
    void offset;
    void available;
    void sizeMax;
    return NEED_MORE;
  }

  clientId(): string {
    return "";
  }
  /** null when none was sent */
  userName(): string | null {
    return null;
  }
  /** null when there is no will */
  willTopic(): string | null {
    return null;
  }
  /** null when none was sent */
  authenticationMethod(): string | null {
    return null;
  }
  /** The user properties of the CONNECT, in order, names repeated as sent. */
  userProperties(): UserProperty[] {
    return [];
  }
}
