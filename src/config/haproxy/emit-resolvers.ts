// `resolvers` sections, and what servers say of who looks their names up (HAProxy's manual, 5.3).

import { type Draft, DraftMap, list, scalar } from "../import/draft.ts";
import type { Report } from "../import/report.ts";
import { isMistake, joinHostPort, parseTarget } from "./addresses.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { type Given, listOf, type Options, type Section, type Server, setting } from "./model.ts";

const DNS_PORT = 53;

/** Keys of our document that are times, by HAProxy's keywords. */
const TIMES: Readonly<Record<string, string>> = {
  "timeout resolve": "interval",
  "timeout retry": "retry",
  "hold obsolete": "hold.obsolete",
  "hold nx": "hold.nx",
  "hold refused": "hold.refused",
  "hold timeout": "hold.timeout",
  "hold other": "hold.other",
};

export function emitResolvers({ model, report }: Emission, document: DraftMap): void {
  const sections = model.others.filter(({ kind }) => kind === "resolvers");
  for (const section of sections) {
    if (section.name === null) continue;
    const resolvers = document.child("resolvers", { at: sections[0]!.at });
    resolvers.set(section.name.text, resolverOf(section, report), section.name.at);
  }
}

function resolverOf(section: Section, report: Report): DraftMap {
  const resolver = new DraftMap({ at: section.at });
  emitNameServers(section, report, resolver);
  for (const [keyword, key] of Object.entries(TIMES)) {
    const given = setting(section, keyword);
    if (given === null) continue;
    const [holder, name] = key.includes(".") ? key.split(".") : [null, key];
    const into = holder === null ? resolver : resolver.child(holder!, given.args[0]!);
    putTime(into, name!, given);
  }
  const retries = setting(section, "resolve_retries");
  if (retries !== null) resolver.put("retries", retries.amount, retries.args[0]!);
  for (const keyword of ["hold valid", "accepted_payload_size"]) {
    const given = setting(section, keyword);
    if (given === null) continue;
    report.notice(
      given.keyword[0]!,
      `"${keyword}" makes no difference: every answer counts at once`,
    );
  }
  return resolver;
}

function emitNameServers(section: Section, report: Report, resolver: DraftMap): void {
  const given = listOf(section, "nameserver");
  const system = setting(section, "parse-resolv-conf");
  if (system !== null && given.length > 0) {
    const message = "parse-resolv-conf cannot be honoured beside name servers of its own";
    report.error(system.keyword[0]!, message, "one of them");
  }
  const servers = given.flatMap((line) => nameServerOf(line, report) ?? []);
  if (servers.length > 0) resolver.set("nameServers", list(servers, servers[0]!));
}

function nameServerOf({ args }: Given, report: Report): Draft | null {
  const word = args[1]!;
  const target = parseTarget(word.text.replace(/^(udp|tcp)[46]?@/, ""));
  if (isMistake(target)) {
    report.error(word, `the name server ${target.mistake}`, "an address such as 10.0.0.53:53");
    return null;
  }
  const port = target.port.kind === "fixed" ? target.port.port : DNS_PORT;
  return scalar(joinHostPort(target.host, port), word);
}

function putTime(draft: DraftMap, key: string, given: Given): void {
  const [word] = given.args;
  draft.put(key, writeTime(word!.text, given.amount), word!);
}

/** What a server or a template says of its host name. */
export function emitDiscovery({ report }: Emission, server: Server, draft: DraftMap): void {
  const { options, template, given } = server;
  const resolver = options.get("resolvers")?.args[0];
  if (resolver !== undefined) draft.set("resolver", scalar(resolver.text, resolver));
  if (template !== null) {
    const count = given.args[1]!;
    if (template.first !== 1) {
      report.error(count, `servers are counted from ${template.first}`, `1-${template.last}`);
    } else if (resolver === undefined) {
      const message = '"server-template" has no resolvers, so all its servers would be one';
      report.error(given.keyword[0]!, message, "resolvers and the name of such a section");
    } else draft.put("slots", template.last, count);
  }
  emitPreference(options, report, draft);
}

function emitPreference(options: Options, report: Report, draft: DraftMap): void {
  const prefer = options.get("resolve-prefer")?.args[0];
  if (prefer !== undefined && prefer.text !== "ipv4" && prefer.text !== "ipv6") {
    report.error(prefer, `resolve-prefer is "${prefer.text}"`, "ipv4 or ipv6");
  } else if (prefer !== undefined) draft.set("prefer", scalar(prefer.text, prefer));
  const net = options.get("resolve-net");
  if (net !== undefined) {
    report.error(net.keyword, '"resolve-net" cannot be honoured: every network counts alike');
  }
  const opts = options.get("resolve-opts");
  if (opts !== undefined) {
    report.notice(opts.keyword, '"resolve-opts" makes no difference: each address is one server');
  }
  const initial = options.get("init-addr");
  if (initial === undefined) return;
  const words = initial.args[0]!.text.split(",");
  const isPlain = words.every((word) => ["last", "libc", "none"].includes(word));
  if (isPlain) {
    const message =
      '"init-addr" makes no difference: a server waits in maintenance for its address';
    report.notice(initial.keyword, message);
  } else report.error(initial.args[0]!, "a fixed first address cannot be honoured", "none or libc");
}
