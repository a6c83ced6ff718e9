// The values of a stream of server-sent events (WHATWG HTML, 9.2), as the API sends them: one line
// of JSON each. Comments are passed over.

import { type AdminTarget, followAdmin } from "./admin-client.ts";

export interface FollowRequest {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the following, which is no error then. */
  readonly signal: AbortSignal;
}

/** Ends when the API ends the stream, or `signal` does. @throws what askAdmin does */
export async function* followEvents<T>(
  target: AdminTarget,
  { path, headers = {}, signal }: FollowRequest,
): AsyncIterable<T> {
  let text = "";
  try {
    for await (const piece of followAdmin(target, path, headers, signal)) {
      text += piece;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) yield* readEvent<T>(block);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** @returns the event of one block of a stream; none for a comment */
export function readEvent<T>(block: string): T[] {
  const line = block.split("\n").find((each) => each.startsWith("data: "));
  return line === undefined ? [] : [JSON.parse(line.slice("data: ".length)) as T];
}
