// All that is said of one server, by whom, and what follows from it: is it up, and what does it
// take. Pure.
//
//   operator, its program, its      the strictest word of ready < drain < maintenance counts
//   check, the server it tracks
//
//   its check or the server it      all must say up
//   tracks, its program, dials

export type AdminState = "ready" | "drain" | "maintenance";

const STRICTNESS: readonly AdminState[] = ["ready", "drain", "maintenance"];

/** What counts in the end. */
export interface Standing {
  readonly up: boolean;
  readonly admin: AdminState;
}

/** What has been said of one server, by each who may say something. */
export class Condition {
  /** The operator's word. */
  operator: AdminState;
  /** Of the program beside the server. */
  agentAdmin: AdminState = "ready";
  agentUp = true;
  /** Of its checks. */
  checkUp = true;
  isDraining = false;
  /** Too many dials of clients have failed of late. */
  isOut = false;
  /** Its host name has no address at the moment, so there is nobody to dial. */
  isResolved = true;

  constructor(operator: AdminState) {
    this.operator = operator;
  }

  /** @param tracked the standing of the server whose health is taken for this one's; null: none */
  standing(tracked: Standing | null): Standing {
    const words: readonly AdminState[] = [
      this.operator,
      this.agentAdmin,
      this.isDraining ? "drain" : "ready",
      this.isResolved ? "ready" : "maintenance",
      tracked?.admin ?? "ready",
    ];
    const up = (tracked?.up ?? this.checkUp) && this.agentUp && !this.isOut;
    return { up, admin: strictest(words) };
  }
}

function strictest(words: readonly AdminState[]): AdminState {
  return words.reduce((one, other) =>
    STRICTNESS.indexOf(other) > STRICTNESS.indexOf(one) ? other : one,
  );
}
