// Assertions that stay on in production. They state facts about our own code; bytes that a peer
// sent never reach one.

/** Throws when `condition` is false: a fault in Fairlead itself, never in what a peer sent. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message);
}

/** Ends a `switch` over a closed set; the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`Unreachable value: ${String(value)}`);
}

export class AssertionFailure extends Error {
  override readonly name = "AssertionFailure";
}
