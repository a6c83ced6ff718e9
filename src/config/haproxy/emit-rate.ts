// A rate of clients that are let in, as HAProxy has it: so many a second, and no burst of its own.

import { DraftMap } from "../import/draft.ts";
import type { Given } from "./model.ts";

/** @param given a number above 0 */
export function emitRate(draft: DraftMap, key: string, given: Given): void {
  const [word] = given.args;
  const accepts = new DraftMap(word!);
  accepts.put("rate", `${given.amount}/s`, word!);
  draft.set(key, accepts, given.keyword[0]!.at);
}
