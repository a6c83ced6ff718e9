// What the server said to the CONNECT, in one byte of state a connection.

/** Nothing that says whether the client is let in: at most AUTH (5.0, 3.15). */
export const UNANSWERED = 0;
/** A CONNACK with code 0. */
export const ACCEPTED = 1;
/** A CONNACK with any other code; the server closes (3.1.1, 3.2.2.3; 5.0, 3.2.2.2). */
export const REFUSED = 2;
/** Something else than a CONNACK. */
export const OTHERWISE = 3;
