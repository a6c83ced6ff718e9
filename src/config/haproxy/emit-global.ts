// The global section, and what is of the whole process although sections say it: log lines and the
// page with statistics.

import { writeTime } from "./amounts.ts";
import { type DraftMap, scalar } from "./draft.ts";
import { canSay, type Emission } from "./emission.ts";
import { emitSyslog } from "./emit-log.ts";
import { type ProxySection, placeOf, setting } from "./model.ts";

/** Where HAProxy has its page, and where ours is. */
const PAGE = "/stats";

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
  emitSyslog(emission, document);
}

/** `mode http` with `stats enable` and nothing else: HAProxy's page. */
export function isStatsPage(proxy: ProxySection): boolean {
  const hasPage = setting(proxy, "stats enable") !== null || setting(proxy, "stats uri") !== null;
  return isHttp(proxy) && hasPage && proxy.servers.length === 0;
}

export function isHttp(proxy: ProxySection): boolean {
  return setting(proxy, "mode")?.amount === 1;
}

/** @param pages the sections that are pages; one admin address answers */
export function emitAdmin(
  emission: Emission,
  document: DraftMap,
  pages: readonly ProxySection[],
): void {
  const { report } = emission;
  const [page, ...others] = pages;
  if (page === undefined) return;
  for (const other of others) {
    const message = `there is one address for pages, and "${page.name?.text}" has it`;
    report.error(other.at, message, "one section with stats enable");
  }
  const bind = page.binds[0];
  const address = bind?.addresses[0];
  if (bind === undefined || address === undefined) return;
  if (bind.options.has("ssl")) {
    report.error(bind.options.get("ssl")!.keyword, "pages cannot be served over TLS", "plain HTTP");
  }
  const admin = document.child("admin", { at: page.at });
  admin.put("listen", address.text, bind.given.args[0]!, bind.given.keyword[0]!.at);
  // Whoever reaches HAProxy's page may look at it, and change nothing.
  if (!/^(127\.|\[::1\])/.test(address.text)) {
    admin.put("anonymous", "read-only", bind.given.args[0]!, bind.given.keyword[0]!.at);
  }
  if (bind.addresses.length > 1 || page.binds.length > 1) {
    report.error(placeOf(bind.given), "pages have one address", "one bind with one port");
  }
  const uri = setting(page, "stats uri")?.args[0];
  if (uri === undefined || uri.text === PAGE) return;
  const key = { holder: "root", key: "admin.path", keyword: "stats uri" };
  if (canSay({ ...emission, report: emission.report }, uri, key)) {
    admin.set("path", scalar(uri.text, uri));
  }
}
