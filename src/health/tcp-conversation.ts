// The `tcp` check: being connected is all it wants to know, TLS included where the check has it.
// Says nothing and closes.

import type { CheckFinding } from "./check-result.ts";
import { type Conversation, LISTEN } from "./conversation.ts";

export function makeTcpConversation(isTls: boolean): Conversation {
  const finding: CheckFinding = isTls
    ? { outcome: "passed", code: "L6OK", sentence: "connected over TLS" }
    : { outcome: "passed", code: "L4OK", sentence: "connected" };
  return {
    awaited: "connection",
    onConnect: () => ({ send: null, finding }),
    onBytes: () => LISTEN,
    onEnd: () => LISTEN,
  };
}
