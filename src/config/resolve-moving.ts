// Settings of clients that move, from what was written; see moving-settings.ts.

import type {
  AdmissionSettings,
  DrainSettings,
  RateSettings,
  RebalanceSettings,
} from "./moving-settings.ts";
import type { RateLimit } from "./rules-schema.ts";
import type { ListenerDocument, PoolDocument } from "./schema.ts";

/** Of a second: what may come at once where nobody says. */
const BURST_SECONDS = 0.05;

export function resolveDrain({ drain }: PoolDocument): DrainSettings {
  return {
    ratePerSecond: perSecond(drain.rate),
    jitterPercent: drain.jitter,
    deadlineMs: drain.deadline,
    isForGood: drain.reason === "server-moved",
    discardsWills: drain.wills === "discarded",
  };
}

export function resolveRebalance({ rebalance }: PoolDocument): RebalanceSettings {
  const { mode, band, rate, wills } = rebalance;
  const discardsWills = wills === "discarded";
  return { mode, bandPercent: band, ratePerSecond: perSecond(rate), discardsWills };
}

export function resolveAdmission({ admission }: PoolDocument): AdmissionSettings | null {
  if (admission === undefined) return null;
  const { rate, burst, perServer, serverBurst, maxDelay, waiting } = admission;
  return {
    rate: rate === undefined ? null : resolveRate(rate, burst),
    perServer: perServer === undefined ? null : resolveRate(perServer, serverBurst),
    delayMaxMs: maxDelay,
    waitingMax: waiting,
  };
}

/** @param written `handshakes` or `accepts` */
export function resolveRateKey(written: ListenerDocument["handshakes"]): RateSettings | null {
  return written === undefined ? null : resolveRate(written.rate, written.burst);
}

function resolveRate(rate: RateLimit, burst: number | undefined): RateSettings {
  const settings = withUsualBurst(perSecond(rate));
  return burst === undefined ? settings : { ...settings, burst };
}

/** A rate of which nobody says how many may come at once. */
export function withUsualBurst(perSecond: number): RateSettings {
  return { perSecond, burst: Math.max(1, Math.ceil(perSecond * BURST_SECONDS)) };
}

function perSecond({ count, periodMs }: RateLimit): number {
  return (count * 1_000) / periodMs;
}
