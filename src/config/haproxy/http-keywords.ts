// Keywords about HTTP, where sections pass HTTP on as bytes: what cannot be left out there is an
// error, headers that servers do not get are a warning, and in `mode tcp` both say nothing.

import type { Report } from "../import/report.ts";
import { isHttp, isStatsPage } from "./emit-admin.ts";
import { HTTP_DECISIONS, HTTP_KEYWORDS } from "./keywords/proxy-keywords.ts";
import { type Given, type Model, type ProxySection, setting } from "./model.ts";

/** Reports every line once for each section that it is about, wherever that inherits it from. */
export function reportHttpKeywords({ proxies }: Model, report: Report): void {
  const notices = new Map<Given, string>();
  const told = new Set<Given>();
  for (const proxy of proxies) {
    const passes = passesHttp(proxy);
    if (passes) {
      const section = `${proxy.kind} "${proxy.name?.text}"`;
      report.notice(proxy.at, `${section} passes HTTP on as it is, as mode tcp does`);
    }
    for (const keyword of HTTP_KEYWORDS) {
      const given = setting(proxy, keyword);
      if (given === null) continue;
      if (!passes) notices.set(given, keyword);
      else {
        told.add(given);
        reportPassed(keyword, { given, proxy, report });
      }
    }
  }
  for (const [given, keyword] of notices) {
    if (!told.has(given)) report.notice(given.keyword[0]!, `"${keyword}" is about HTTP`);
  }
}

/** A section that relays HTTP, and is not HAProxy's page. */
export function passesHttp(proxy: ProxySection): boolean {
  return proxy.kind !== "defaults" && isHttp(proxy) && !isStatsPage(proxy);
}

interface Passed {
  readonly given: Given;
  readonly proxy: ProxySection;
  readonly report: Report;
}

function reportPassed(keyword: string, { given, proxy, report }: Passed): void {
  const name = proxy.name?.text ?? "";
  if (HTTP_DECISIONS.includes(keyword)) {
    const message = `"${keyword}" cannot be honoured: "${name}" passes HTTP on as it is`;
    report.error(given.keyword[0]!, message);
    return;
  }
  const message = `servers of "${name}" get no header of "${keyword}": HTTP passes as it is`;
  report.warning(given.keyword[0]!, message);
}
