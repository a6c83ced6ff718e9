// Ends what a test started when the test ends, passed or failed.

import { onTestFinished } from "vitest";

/** Call it inside a test. @returns the thing, so that it can be started and kept in one line */
export function closeAtEnd<T extends { close(): unknown }>(thing: T): T {
  onTestFinished(async () => {
    await thing.close();
  });
  return thing;
}
