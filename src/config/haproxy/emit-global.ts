// The global section: limits of the process, and how it ends.

import { type DraftMap, scalar } from "../import/draft.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { setting } from "./model.ts";

export function emitGlobal(emission: Emission, document: DraftMap): void {
  const { global } = emission.model;
  const maxconn = setting(global, "maxconn");
  if (maxconn !== null && maxconn.amount > 0) {
    const origin = maxconn.args[0]!;
    const limits = document.child("limits", { at: global.at });
    limits.put("connections", maxconn.amount, origin, maxconn.keyword[0]!.at);
  }
  const grace = setting(global, "hard-stop-after");
  if (grace !== null) {
    const word = grace.args[0]!;
    const time = scalar(writeTime(word.text, grace.amount), word);
    document.child("shutdown", { at: global.at }).set("grace", time, grace.keyword[0]!.at);
  }
}
