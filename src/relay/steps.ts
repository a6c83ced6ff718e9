// Which stage follows which, before a server is there: the listener says what its clients speak.
//
// One table of facts about a listener; nothing here looks at a connection or at bytes.

import { assert } from "../assert.ts";
import { REASON } from "../shm/close-reason.ts";
import type { ListenerPlan } from "../shm/plan.ts";
import {
  DIALLING,
  FREE,
  READING_CONNECT,
  READING_HELLO,
  READING_PROXY_HEADER,
  SHAKING_HANDS,
  UPGRADING,
  WAITING,
} from "./state.ts";

interface Step {
  readonly state: number;
  isOn(listener: ListenerPlan): boolean;
  /** Time for this step alone. */
  deadlineMs(listener: ListenerPlan): number;
  /** Why a client that takes longer is closed. */
  readonly late: number;
  /** Why a client that leaves in this step has gone. */
  readonly left: number;
}

const STEPS: readonly Step[] = [
  {
    state: READING_PROXY_HEADER,
    isOn: (listener) => listener.proxyProtocol !== null,
    deadlineMs: (listener) => listener.proxyProtocol!.deadlineMs,
    late: REASON["proxy-header-deadline"],
    left: REASON["closed-before-connect"],
  },
  {
    state: READING_HELLO,
    isOn: (listener) => listener.tls !== null || listener.protocol === "tls",
    deadlineMs: (listener) => listener.tls?.handshakeDeadlineMs ?? listener.connectDeadlineMs,
    late: REASON["tls-deadline"],
    left: REASON["tls-abandoned"],
  },
  {
    state: SHAKING_HANDS,
    isOn: (listener) => listener.tls !== null,
    deadlineMs: (listener) => listener.tls!.handshakeDeadlineMs,
    late: REASON["tls-deadline"],
    left: REASON["tls-abandoned"],
  },
  {
    state: UPGRADING,
    isOn: (listener) => listener.websocket !== null,
    deadlineMs: (listener) => listener.websocket!.deadlineMs,
    late: REASON["upgrade-deadline"],
    left: REASON["closed-before-connect"],
  },
  {
    state: READING_CONNECT,
    isOn: (listener) => listener.protocol === "mqtt",
    deadlineMs: (listener) => listener.connectDeadlineMs,
    late: REASON["connect-deadline"],
    left: REASON["closed-before-connect"],
  },
  {
    // Nobody comes here in passing: relay.ts sends those for whom there is no place.
    state: WAITING,
    isOn: () => false,
    deadlineMs: () => 0,
    late: REASON["queue-timeout"],
    left: REASON["left-queue"],
  },
];

/** The state after `state`: DIALLING once the client has said all that is needed to choose. */
export function stateAfter(listener: ListenerPlan, state: number): number {
  const done = STEPS.findIndex((step) => step.state === state);
  for (let i = done + 1; i < STEPS.length; i++) {
    if (STEPS[i]!.isOn(listener)) return STEPS[i]!.state;
  }
  return DIALLING;
}

/** The state of a client that has just been accepted. */
export function firstState(listener: ListenerPlan): number {
  return stateAfter(listener, FREE);
}

export function deadlineOf(listener: ListenerPlan, state: number): number {
  return stepOf(state).deadlineMs(listener);
}

/** The close reason of a client that was too slow. */
export function lateReason(state: number): number {
  return stepOf(state).late;
}

/** The close reason of a client that left. */
export function leftReason(state: number): number {
  return stepOf(state).left;
}

function stepOf(state: number): Step {
  const found = STEPS.find((step) => step.state === state);
  assert(found !== undefined, "an early state is a step");
  return found;
}
