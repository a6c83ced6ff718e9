// OpenSSL's error queue: one a thread, filled by whatever failed last. Whoever sees a failure
// empties it, so that no session ever reads the errors of another.

import { ERR_clear_error, ERR_get_error, ERR_reason_error_string } from "./libssl.ts";
import { ERR_LIB_MASK, ERR_LIB_OFFSET, ERR_REASON_MASK } from "./ssl-constants.ts";

export interface OpenSslError {
  /** ERR_LIB_... */
  readonly library: number;
  /** The library's own number of the reason. */
  readonly reason: number;
  /** OpenSSL's words for it; "" when it has none. */
  readonly text: string;
}

/** OpenSSL keeps 16 and drops older ones. */
const ERRORS_MAX = 16;

/** Takes everything out of the queue, the oldest first. */
export function drainErrors(): OpenSslError[] {
  const errors: OpenSslError[] = [];
  for (let count = 0; count < ERRORS_MAX; count++) {
    const code = ERR_get_error();
    if (code === 0) break;
    errors.push({
      library: (code >>> ERR_LIB_OFFSET) & ERR_LIB_MASK,
      reason: code & ERR_REASON_MASK,
      text: ERR_reason_error_string(code) ?? "",
    });
  }
  ERR_clear_error();
  return errors;
}

/**
 * Makes an error of what is in the queue, and empties it.
 * @param action what could not be done, with the names of things quoted
 */
export function openSslError(action: string): Error {
  const texts = drainErrors().map(({ text }) => text);
  const reason = texts.filter((text) => text !== "").join(": ");
  return new Error(reason === "" ? action : `${action}: ${reason}`);
}
