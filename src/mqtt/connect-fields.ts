// What a CONNECT says, field by field: numbers, and offsets to the bytes of its texts.
//
// Texts are decoded, and so copied, only for whoever asks. Filled by connect.ts, which judges;
// nothing here does. Pure: no I/O. Bounded by the packet that the offsets point into.

import { decodeText } from "../bytes/utf8.ts";
import { IN_CONNECT, NO_PROPERTY, Property, PropertyCursor } from "./property.ts";

/** The offset of a field that was not sent. */
export const ABSENT = -1;

const RECEIVE_MAXIMUM_DEFAULT = 65_535;

/** One user property of MQTT 5.0, as text. */
export interface UserProperty {
  readonly name: string;
  readonly value: string;
}

/**
 * The fields of one CONNECT. Offsets are offsets into the bytes that were inspected, not into the
 * packet; ABSENT, with length 0, where a field was not sent.
 */
export class ConnectFields {
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
  receiveMaximum = RECEIVE_MAXIMUM_DEFAULT;
  /** In bytes; 0 when the client sets no limit. */
  maximumPacketSize = 0;
  topicAliasMaximum = 0;
  requestResponseInformation = false;
  requestProblemInformation = true;
  authenticationMethodOffset = ABSENT;
  authenticationMethodLength = 0;
  authenticationDataOffset = ABSENT;
  authenticationDataLength = 0;

  /** The bytes that all offsets point into. */
  protected bytes: Uint8Array = new Uint8Array(0);

  /** Back to what holds for fields that are not sent. */
  protected forget(): void {
    this.userNameOffset = ABSENT;
    this.userNameLength = 0;
    this.passwordOffset = ABSENT;
    this.passwordLength = 0;
    this.willTopicOffset = ABSENT;
    this.willTopicLength = 0;
    this.willPayloadOffset = ABSENT;
    this.willPayloadLength = 0;
    this.willQos = 0;
    this.willRetain = false;
    this.propertiesOffset = ABSENT;
    this.propertiesLength = 0;
    this.willPropertiesOffset = ABSENT;
    this.willPropertiesLength = 0;
    this.sessionExpirySeconds = 0;
    this.receiveMaximum = RECEIVE_MAXIMUM_DEFAULT;
    this.maximumPacketSize = 0;
    this.topicAliasMaximum = 0;
    this.requestResponseInformation = false;
    this.requestProblemInformation = true;
    this.authenticationMethodOffset = ABSENT;
    this.authenticationMethodLength = 0;
    this.authenticationDataOffset = ABSENT;
    this.authenticationDataLength = 0;
  }

  clientId(): string {
    return decodeText(this.bytes, this.clientIdOffset, this.clientIdLength);
  }

  /** null when none was sent */
  userName(): string | null {
    return this.textOrNull(this.userNameOffset, this.userNameLength);
  }

  /** null when there is no will */
  willTopic(): string | null {
    return this.textOrNull(this.willTopicOffset, this.willTopicLength);
  }

  /** null when none was sent */
  authenticationMethod(): string | null {
    return this.textOrNull(this.authenticationMethodOffset, this.authenticationMethodLength);
  }

  /** The user properties of the CONNECT, in order, names repeated as sent. */
  userProperties(): UserProperty[] {
    if (this.propertiesOffset === ABSENT) return [];
    const found: UserProperty[] = [];
    const cursor = new PropertyCursor();
    cursor.enter(this.bytes, this.propertiesOffset, this.propertiesLength, IN_CONNECT);
    for (let id = cursor.next(); id > NO_PROPERTY; id = cursor.next()) {
      if (id !== Property.userProperty) continue;
      found.push({
        name: decodeText(this.bytes, cursor.valueOffset, cursor.valueLength),
        value: decodeText(this.bytes, cursor.secondOffset, cursor.secondLength),
      });
    }
    return found;
  }

  private textOrNull(offset: number, length: number): string | null {
    return offset === ABSENT ? null : decodeText(this.bytes, offset, length);
  }
}
