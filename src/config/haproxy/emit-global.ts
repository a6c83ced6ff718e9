// The global section: limits and rates of the process, and how it ends.

import { type DraftMap, scalar } from "../import/draft.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { emitRate } from "./emit-rate.ts";
import { type Given, setting } from "./model.ts";

export function emitGlobal(emission: Emission, document: DraftMap): void {
  const { global } = emission.model;
  const maxconn = setting(global, "maxconn");
  if (maxconn !== null && maxconn.amount > 0) {
    const origin = maxconn.args[0]!;
    const limits = document.child("limits", { at: global.at });
    limits.put("connections", maxconn.amount, origin, maxconn.keyword[0]!.at);
  }
  emitRates(emission, document);
  const grace = setting(global, "hard-stop-after");
  if (grace !== null) {
    const word = grace.args[0]!;
    const time = scalar(writeTime(word.text, grace.amount), word);
    document.child("shutdown", { at: global.at }).set("grace", time, grace.keyword[0]!.at);
  }
}

/** Sessions are connections that no rule has refused at accept, and it is those that count here. */
function emitRates({ model: { global } }: Emission, document: DraftMap): void {
  const rates = [setting(global, "maxconnrate"), setting(global, "maxsessrate")];
  const least = rates.reduce((one, other) => (limitOf(other) < limitOf(one) ? other : one));
  const tls = setting(global, "maxsslrate");
  for (const [key, given] of [["accepts", least] as const, ["tlsAccepts", tls] as const]) {
    if (limitOf(given) === Number.POSITIVE_INFINITY) continue;
    emitRate(document.child("limits", { at: global.at }), key, given!);
  }
}

function limitOf(rate: Given | null): number {
  return rate === null || rate.amount === 0 ? Number.POSITIVE_INFINITY : rate.amount;
}
