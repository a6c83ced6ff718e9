// `so_keepalive` of `listen`, and `proxy_socket_keepalive`: whether the kernel asks silent peers if
// they are still there (ngx_stream_core_module, ngx_stream_proxy_module).

import { formatDuration } from "../duration.ts";
import { DraftMap } from "../import/draft.ts";
import { parseCount, parseTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { isOn, type Scope, setting } from "./model.ts";
import type { Listen } from "./read-listen.ts";

/** What our document takes at most. */
const SECONDS_MAX = 32_400;
const PROBES_MAX = 127;
const EXPECTED = "on, off, or idle:interval:count such as 30m::10";

/** `on`, `off`, or three amounts of which some may be missing. */
export function emitClientKeepAlive(
  { report }: Emission,
  { parameters }: Listen,
  draft: DraftMap,
): void {
  const given = parameters.get("so_keepalive");
  if (given === undefined || given.value.text === "off") return;
  const { value, word } = given;
  if (value.text === "on") {
    draft.put("tcpKeepAlive", true, value, word.at);
    return;
  }
  const [idle = "", interval = "", count = "", ...rest] = value.text.split(":");
  const times = new DraftMap({ at: value.at });
  const areGood = [
    /^[^:]*:[^:]*:[^:]*$/.test(value.text) && rest.length === 0 && value.text !== "::",
    putSeconds(times, "idle", idle),
    putSeconds(times, "interval", interval),
    putCount(times, count),
  ];
  if (areGood.every(Boolean)) draft.set("tcpKeepAlive", times, word.at);
  else report.error(value, `so_keepalive is "${value.text}"`, EXPECTED);
}

export function emitServerKeepAlive(server: Scope, pool: DraftMap): void {
  if (!isOn(server, "proxy_socket_keepalive")) return;
  pool.put("tcpKeepAlive", true, setting(server, "proxy_socket_keepalive")!.name);
}

/** @returns whether it could be read; the kernel counts in whole seconds */
function putSeconds(times: DraftMap, key: string, text: string): boolean {
  if (text === "") return true;
  const ms = parseTime(text);
  if (ms === null || ms === 0) return false;
  const seconds = Math.min(Math.ceil(ms / 1_000), SECONDS_MAX);
  times.put(key, formatDuration(seconds * 1_000), times);
  return true;
}

function putCount(times: DraftMap, text: string): boolean {
  if (text === "") return true;
  const count = parseCount(text);
  if (count === null || count === 0) return false;
  times.put("count", Math.min(count, PROBES_MAX), times);
  return true;
}
