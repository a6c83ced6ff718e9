// What EpollIo notes of a slot, one bit each. Constants only.
//
// "True exactly when":

/** the slot belongs to the caller */
export const IN_USE = 1 << 0;
/** connect was asked for and onConnect has not come */
export const CONNECTING = 1 << 1;
/** the caller wants onReceive */
export const RECEIVING = 1 << 2;
/** the kernel may hold bytes, an end or an error for us */
export const READABLE = 1 << 3;
/** the peer has ended its direction, or the socket is broken: no further edge will come */
export const HUNG_UP = 1 << 4;
/** an end or an error was delivered: nothing more is received */
export const ENDED = 1 << 5;
/** the slot stands in the ready queue */
export const QUEUED = 1 << 6;
/** the caller was told SEND_WAIT and has not had onSent */
export const SEND_OWED = 1 << 7;
/** finish was asked for while bytes wait */
export const FINISH_OWED = 1 << 8;
/** close was asked for; onClosed has not come */
export const CLOSING = 1 << 9;
