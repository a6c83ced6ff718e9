// Reason codes of MQTT 5.0 (section 2.4) that this broker sends or reads, and the CONNACK return
// codes of 3.1 and 3.1.1 that stand for them. Names only, no behaviour.

export const REASON = {
  success: 0x00,
  disconnectWithWill: 0x04,
  noSubscriptionExisted: 0x11,
  unspecified: 0x80,
  malformedPacket: 0x81,
  protocolError: 0x82,
  unsupportedProtocolVersion: 0x84,
  clientIdentifierNotValid: 0x85,
  notAuthorized: 0x87,
  serverUnavailable: 0x88,
  serverBusy: 0x89,
  serverShuttingDown: 0x8b,
  badAuthenticationMethod: 0x8c,
  keepAliveTimeout: 0x8d,
  sessionTakenOver: 0x8e,
  topicFilterInvalid: 0x8f,
  topicNameInvalid: 0x90,
  packetIdentifierNotFound: 0x92,
  receiveMaximumExceeded: 0x93,
  topicAliasInvalid: 0x94,
  packetTooLarge: 0x95,
  quotaExceeded: 0x97,
} as const;

export type Reason = (typeof REASON)[keyof typeof REASON];

/** The lowest code that means failure. */
export const FAILURE = 0x80;

const UNACCEPTABLE_VERSION = 1;
const IDENTIFIER_REJECTED = 2;
const SERVER_UNAVAILABLE = 3;
const NOT_AUTHORIZED = 5;

/**
 * @returns the CONNACK return code of 3.1 and 3.1.1 (3.1.1, table 3.1) for a refusal, or -1 where
 * those versions have none and the connection is closed without a CONNACK
 */
export function returnCode(reason: Reason): number {
  switch (reason) {
    case REASON.unsupportedProtocolVersion:
      return UNACCEPTABLE_VERSION;
    case REASON.clientIdentifierNotValid:
      return IDENTIFIER_REJECTED;
    case REASON.serverUnavailable:
    case REASON.serverBusy:
    case REASON.serverShuttingDown:
    case REASON.quotaExceeded:
      return SERVER_UNAVAILABLE;
    case REASON.notAuthorized:
      return NOT_AUTHORIZED;
    default:
      return -1;
  }
}
