// What settings say of clients that are moved from server to server, and of those who come all at
// once.

/** How a server is emptied. */
export interface DrainSettings {
  /** Clients that are sent away in a second, over all workers. */
  readonly ratePerSecond: number;
  /** How irregularly, in percent of the time between two of them. */
  readonly jitterPercent: number;
  /** After which those who are left go as they are. */
  readonly deadlineMs: number;
  /** Whether clients are told that the server has moved, rather than to use another for now. */
  readonly isForGood: boolean;
  /** Whether their servers are told goodbye in their name, so that no will is published. */
  readonly discardsWills: boolean;
}

/** When clients are moved so that each server has its share. */
export interface RebalanceSettings {
  /** `manual`: when the operator says so; `automatic`: when a server has come back, too. */
  readonly mode: "off" | "manual" | "automatic";
  /** How far from its share a server may be before clients are moved. */
  readonly bandPercent: number;
  readonly ratePerSecond: number;
  readonly discardsWills: boolean;
}

/** How connected client ids are kept, so that they are sent where they are when they come again. */
export interface TakeoverSettings {
  /** Ids that are kept at once. */
  readonly idsMax: number;
}

/** A rate over all workers, and what may come at once. */
export interface RateSettings {
  readonly perSecond: number;
  /** At least 1. */
  readonly burst: number;
}

/** How fast new clients are let in to a pool's servers. */
export interface AdmissionSettings {
  /** Of the whole pool; null: no limit. */
  readonly rate: RateSettings | null;
  /** Of each server; null: no limit. */
  readonly perServer: RateSettings | null;
  /** How long a client waits for its turn. */
  readonly delayMaxMs: number;
  /** Clients of one worker that wait at once. */
  readonly waitingMax: number;
}
