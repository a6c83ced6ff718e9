// The `tcp` check: being connected is all it wants to know. Says nothing and closes.

import { type Conversation, LISTEN, type Turn } from "./conversation.ts";

const CONNECTED: Turn = {
  send: null,
  finding: { outcome: "passed", code: "L4OK", sentence: "connected" },
};

export const tcpConversation: Conversation = {
  awaited: "connection",
  onConnect: () => CONNECTED,
  onBytes: () => LISTEN,
};
