// Writes the CONNACK that refuses a client and the DISCONNECT that sends it elsewhere, and reads a
// server's CONNACK. Written packets are at most CONNACK_SIZE_MAX bytes; longer texts are left out,
// never cut. Pure: no I/O, no clock.

/** Room that `writeConnack` and `writeDisconnect` may need in their target. */
export const CONNACK_SIZE_MAX = 1024;

/** MQTT 3.1 and 3.1.1, table 3.1: CONNACK return codes. */
export const ReturnCode = {
  accepted: 0,
  unacceptableProtocolVersion: 1,
  identifierRejected: 2,
  serverUnavailable: 3,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const;

/** MQTT 5.0, 2.4: the reason codes that a balancer sends or meets in CONNACK and DISCONNECT. */
export const ReasonCode = {
  success: 0x00,
  unspecifiedError: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  implementationSpecificError: 0x83,
  unsupportedProtocolVersion: 0x84,
  clientIdentifierNotValid: 0x85,
  badUserNameOrPassword: 0x86,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  banned: 0x8a,
  serverShuttingDown: 0x8b,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicNameInvalid: 0x90,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
  administrativeAction: 0x98,
  useAnotherServer: 0x9c,
  serverMoved: 0x9d,
  connectionRateExceeded: 0x9f,
} as const;

export interface Refusal {
  /** The client's protocol level; 0 (unknown) is answered in the form of 3.1.1. */
  readonly level: number;
  /** A return code (3.x) or reason code (5.0). */
  readonly code: number;
  /** 5.0 only: text for a person. */
  readonly reason?: string;
  /** 5.0 only: other servers, as `host:port` separated by spaces. */
  readonly serverReference?: string;
}

export interface Disconnection {
  readonly code: number;
  readonly reason?: string;
  readonly serverReference?: string;
}

/** `readConnack`: the packet is not complete yet. */
export const CONNACK_NEEDS_MORE = -1;
/** `readConnack`: whatever this is, no CONNACK starts like it. */
export const NOT_CONNACK = -2;
/** Set in what `readConnack` returns when the server has a session for the client. */
export const SESSION_PRESENT = 0x100;

/**
 * Writes the CONNACK that refuses a client, at most CONNACK_SIZE_MAX bytes (3.1.1, 3.2; 5.0, 3.2).
 * A 5.0 text that would not fit is left out.
 * @returns its size in bytes
 */
export function writeConnack(target: Uint8Array, at: number, refusal: Refusal): number {
  void target;
  void at;
  void refusal;
  return 0;
}

/**
 * Writes a DISCONNECT from server to client; exists in 5.0 only (5.0, 3.14).
 * @returns its size in bytes
 */
export function writeDisconnect(target: Uint8Array, at: number, end: Disconnection): number {
  void target;
  void at;
  void end;
  return 0;
}

/**
 * Reads a server's CONNACK of any version.
 * @returns its code (0: accepted), plus SESSION_PRESENT when that flag is set; or
 *   CONNACK_NEEDS_MORE or NOT_CONNACK
 */
export function readConnack(bytes: Uint8Array, offset: number, available: number): number {
  void bytes;
  void offset;
  void available;
  return CONNACK_NEEDS_MORE;
}
