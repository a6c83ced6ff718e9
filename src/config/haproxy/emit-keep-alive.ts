// `option tcpka`, `clitcpka` and `srvtcpka` with their times (HAProxy's manual, chapter 4.2):
// whether the kernel asks silent peers if they are still there.

import { formatDuration } from "../duration.ts";
import { DraftMap } from "../import/draft.ts";
import { type Given, isOn, type ProxySection, setting } from "./model.ts";

/** What the kernel takes at most, and our document with it. */
const SECONDS_MAX = 32_400;
const PROBES_MAX = 127;

/** @param side `cli` for clients, `srv` for servers */
export function emitKeepAlive(proxy: ProxySection, side: "cli" | "srv", draft: DraftMap): void {
  const switches = [`option ${side}tcpka`, "option tcpka"];
  const on = switches.find((name) => isOn(proxy, name));
  if (on === undefined) return;
  const { keyword } = setting(proxy, on)!;
  const times = new DraftMap({ at: keyword[0]!.at });
  putSeconds(times, "idle", setting(proxy, `${side}tcpka-idle`));
  putSeconds(times, "interval", setting(proxy, `${side}tcpka-intvl`));
  const count = setting(proxy, `${side}tcpka-cnt`);
  if (count !== null && count.amount > 0) {
    times.put("count", Math.min(count.amount, PROBES_MAX), count.args[0]!, count.keyword[0]!.at);
  }
  if (times.isEmpty) draft.put("tcpKeepAlive", true, keyword[0]!);
  else draft.set("tcpKeepAlive", times);
}

// The kernel counts in whole seconds.
function putSeconds(times: DraftMap, key: string, given: Given | null): void {
  if (given === null || given.amount === 0) return;
  const seconds = Math.min(Math.ceil(given.amount / 1_000), SECONDS_MAX);
  times.put(key, formatDuration(seconds * 1_000), given.args[0]!, given.keyword[0]!.at);
}
