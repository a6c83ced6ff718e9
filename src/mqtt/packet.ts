// The packets a balancer itself sends as a client, for health checks: CONNECT, PINGREQ, DISCONNECT.
// Pure: no I/O. Allocates; not for the path of relayed bytes.

import { encodeText } from "../bytes/utf8.ts";
import { FLAG_CLEAN, FLAG_PASSWORD, FLAG_USER_NAME } from "./connect-header.ts";
import { PacketType } from "./packet-type.ts";
import { variableLengthSize, writeVariableLength } from "./variable-length.ts";

/** A CONNECT without a will, as a health check sends it. */
export interface ConnectRequest {
  /** 4: MQTT 3.1.1; 5: MQTT 5.0. */
  readonly level: 4 | 5;
  readonly clientId: string;
  readonly cleanStart: boolean;
  readonly keepAliveSeconds: number;
  readonly userName?: string;
  readonly password?: string;
}

/** PINGREQ, the same in all versions (3.1.1, 3.12). */
export const PINGREQ = Uint8Array.of(PacketType.pingreq << 4, 0);

/** DISCONNECT from a client that ends in good order, the same in all versions (3.1.1, 3.14). */
export const DISCONNECT = Uint8Array.of(PacketType.disconnect << 4, 0);

const TEXT_SIZE_MAX = 65_535;

/**
 * Encodes a CONNECT (3.1.1, 3.1; 5.0, 3.1). In 5.0 it carries no properties, so the session ends
 * with the connection.
 * @throws RangeError when a text is longer than 65,535 bytes, the keep alive does not fit in 16
 *   bits, or 3.1.1 is asked for a password without a user name
 */
export function encodeConnect(request: ConnectRequest): Uint8Array {
  const { userName, password, keepAliveSeconds: keepAlive } = request;
  if (!(keepAlive >= 0 && keepAlive <= 0xffff)) {
    throw new RangeError(
      `Cannot encode CONNECT: keep alive ${keepAlive} is not 0 to 65535 seconds`,
    );
  }
  if (request.level === 4 && userName === undefined && password !== undefined) {
    throw new RangeError("Cannot encode CONNECT: MQTT 3.1.1 has no password without a user name");
  }
  const fields = [request.clientId, userName, password].filter((text) => text !== undefined);
  const flags =
    (request.cleanStart ? FLAG_CLEAN : 0) |
    (userName === undefined ? 0 : FLAG_USER_NAME) |
    (password === undefined ? 0 : FLAG_PASSWORD);
  const body = [
    0,
    4,
    ...encodeText("MQTT"),
    request.level,
    flags,
    keepAlive >> 8,
    keepAlive & 0xff,
  ];
  if (request.level === 5) body.push(0);
  for (const text of fields) body.push(...encodeField(text));
  const packet = new Uint8Array(1 + variableLengthSize(body.length) + body.length);
  packet[0] = PacketType.connect << 4;
  packet.set(body, writeVariableLength(packet, 1, body.length));
  return packet;
}

function encodeField(text: string): number[] {
  const bytes = encodeText(text);
  if (bytes.length > TEXT_SIZE_MAX) {
    throw new RangeError(`Cannot encode CONNECT: a text of ${bytes.length} bytes is too long`);
  }
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}
