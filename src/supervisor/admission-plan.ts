// How fast clients are let in, as workers count it: rates become intervals, and each pool, each
// listener and the process gets words of memory for those that it has, which all workers share.
// They stay from plan to plan, so that a reload lets nobody in twice.

import type { AdmissionSettings, RateSettings } from "../config/moving-settings.ts";
import type { Settings } from "../config/settings.ts";
import type { AdmissionPlan, Plan, ProcessRatesPlan, SharedRatePlan } from "../shm/plan.ts";
import { BUCKET_BYTES, type BucketShape, bucketShape } from "../shm/token-bucket.ts";

/** @param number of the pool; @param previous the plan that runs */
export function planAdmission(
  settings: AdmissionSettings | null,
  number: number,
  previous: Plan | null,
): AdmissionPlan | null {
  if (settings === null) return null;
  const { rate, perServer, delayMaxMs, waitingMax } = settings;
  return {
    rate: planRate(rate),
    perServer: planRate(perServer),
    delayMaxMs,
    waitingMax,
    memory: previous?.pools[number]?.admission?.memory ?? makeBucket(),
  };
}

/** @param previous the plan that runs */
export function planProcessRates(
  { limits }: Pick<Settings, "limits">,
  previous: Plan | null,
): ProcessRatesPlan {
  return {
    all: planSharedRate(limits.accepts, previous?.accepts?.all),
    tls: planSharedRate(limits.tlsAccepts, previous?.accepts?.tls),
  };
}

/** @param before the same rate of the plan that runs */
export function planSharedRate(
  settings: RateSettings | null,
  before: SharedRatePlan | null | undefined,
): SharedRatePlan | null {
  if (settings === null) return null;
  const memory = before?.memory ?? makeBucket();
  return { rate: bucketShape(settings.perSecond, settings.burst), memory };
}

function planRate(settings: RateSettings | null): BucketShape | null {
  return settings && bucketShape(settings.perSecond, settings.burst);
}

function makeBucket(): SharedArrayBuffer {
  return new SharedArrayBuffer(BUCKET_BYTES);
}
