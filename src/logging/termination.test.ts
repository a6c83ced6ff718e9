import { expect, it } from "vitest";
import { endedConnection } from "../../tests/fixtures/ended-connection.ts";
import { CLOSE_REASONS, type CloseReasonName } from "../shm/close-reason.ts";
import { PHASE_CONNECT, PHASE_QUEUE, PHASE_REQUEST } from "../shm/log-ring.ts";
import { sessionStatus, TERMINATIONS, terminationState } from "./termination.ts";

it("has a row for every close reason, in letters of HAProxy's manual", () => {
  for (const { name } of CLOSE_REASONS) {
    expect(TERMINATIONS[name as CloseReasonName][0]).toMatch(/^(--|[CSPLRIDUKcs][RQCHDLT*])$/);
  }
});

it.each<[CloseReasonName, number | undefined, string, number]>([
  ["client-disconnected", undefined, "--", 200],
  ["client-reset", undefined, "CD", 200],
  ["idle-timeout", undefined, "cD", 200],
  ["refused-by-rule", PHASE_REQUEST, "PR", 403],
  ["queue-timeout", PHASE_QUEUE, "sQ", 502],
  ["dial-refused", PHASE_CONNECT, "SC", 502],
  ["server-closed", PHASE_CONNECT, "SC", 200],
  ["server-reset", PHASE_CONNECT, "SC", 200],
  ["server-cut", undefined, "DD", 200],
  ["listener-full", PHASE_REQUEST, "RR", 503],
])("%s in phase %s is %s and %i", (reason, phase, state, status) => {
  const ended = endedConnection({ reason, ...(phase === undefined ? {} : { phase }) });
  expect([terminationState(ended), sessionStatus(ended)]).toEqual([state, status]);
});
