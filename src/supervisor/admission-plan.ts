// How fast clients are let in, as workers count it: rates become intervals, and each pool and
// listener that has one gets a word of memory that all workers share. The word stays from plan to
// plan, so that a reload lets nobody in twice.

import type { AdmissionSettings, RateSettings } from "../config/moving-settings.ts";
import type { AdmissionPlan, HandshakesPlan, Plan } from "../shm/plan.ts";
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

/** @param number of the listener; @param previous the plan that runs */
export function planHandshakes(
  settings: RateSettings | null,
  number: number,
  previous: Plan | null,
): HandshakesPlan | null {
  if (settings === null) return null;
  const memory = previous?.listeners[number]?.handshakes?.memory ?? makeBucket();
  return { rate: bucketShape(settings.perSecond, settings.burst), memory };
}

function planRate(settings: RateSettings | null): BucketShape | null {
  return settings && bucketShape(settings.perSecond, settings.burst);
}

function makeBucket(): SharedArrayBuffer {
  return new SharedArrayBuffer(BUCKET_BYTES);
}
