// How a server is dialled, in bits: for who asks (relay/), and for the calls that do it.

/** The source may be an address of another machine (ip(7), IP_TRANSPARENT). */
export const FOREIGN_SOURCE = 1 << 0;
/**
 * Bytes will be sent as soon as the connection is there: the last ACK of the handshake waits for
 * them, which is a segment less (tcp(7), TCP_QUICKACK).
 */
export const SPEAKS_FIRST = 1 << 1;
