// The stages before a server is there, by state: each takes a client's bytes, keeps what is not
// whole, and leaves for the next one what lies behind.

import type { RelayContext } from "./relay-context.ts";
import { hold } from "./stages/early-bytes.ts";
import { onProxyHeaderBytes } from "./stages/expect-proxy-header.ts";
import { onConnectBytes } from "./stages/read-connect.ts";
import { onHelloBytes } from "./stages/read-hello.ts";
import { onHandshakeBytes } from "./stages/shake-hands.ts";
import { onUpgradeBytes } from "./stages/upgrade.ts";
import {
  READING_CONNECT,
  READING_HELLO,
  READING_PROXY_HEADER,
  SHAKING_HANDS,
  UPGRADING,
  WAITING,
} from "./state.ts";

/** Takes `length` bytes at `offset` of the arena. @returns a verdict */
type EarlyStage = (
  context: RelayContext,
  connection: number,
  offset: number,
  length: number,
) => number;

const STAGES: (EarlyStage | undefined)[] = [];
STAGES[READING_PROXY_HEADER] = onProxyHeaderBytes;
STAGES[READING_HELLO] = onHelloBytes;
STAGES[SHAKING_HANDS] = onHandshakeBytes;
STAGES[UPGRADING] = onUpgradeBytes;
STAGES[READING_CONNECT] = onConnectBytes;
// What a client sends while it waits goes to its server later.
STAGES[WAITING] = hold;

export function earlyStage(state: number): EarlyStage {
  return STAGES[state]!;
}
