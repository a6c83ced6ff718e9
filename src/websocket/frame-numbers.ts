// The numbers of WebSocket frames (RFC 6455, 5.2 and 7.4.1), and how large frames' parts may be.
// Constants only.

export const OPCODE_CONTINUATION = 0x0;
export const OPCODE_TEXT = 0x1;
export const OPCODE_BINARY = 0x2;
export const OPCODE_CLOSE = 0x8;
export const OPCODE_PING = 0x9;
export const OPCODE_PONG = 0xa;

/** Opcodes from here on are of control frames, which are never fragmented (5.5). */
export const FIRST_CONTROL_OPCODE = 0x8;

/** Done: nothing is wrong. */
export const CLOSE_NORMAL = 1000;
/** We are shutting down. */
export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_PROTOCOL_ERROR = 1002;
/** A text frame: MQTT comes in binary ones [MQTT-6.0.0-1]. */
export const CLOSE_UNSUPPORTED = 1003;
/** Never sent: what a close frame without a code means (7.1.5). */
export const CLOSE_NO_CODE = 1005;
/** Text that is not UTF-8. */
export const CLOSE_NOT_UTF8 = 1007;
/** A frame over the limit. */
export const CLOSE_TOO_LARGE = 1009;

/** The payload of a control frame is no longer (5.5). */
export const CONTROL_PAYLOAD_MAX = 125;
/** Two bytes, eight of length, four of mask. */
export const FRAME_HEADER_SIZE_MAX = 14;
export const MASK_SIZE = 4;
/** A control frame, masked. */
export const CONTROL_FRAME_SIZE_MAX = 2 + MASK_SIZE + CONTROL_PAYLOAD_MAX;
