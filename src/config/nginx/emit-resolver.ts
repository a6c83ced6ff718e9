// `resolver`: who looks the host names of an upstream up. nginx asks again when an answer is too
// old, which it says itself unless `valid=` does.

import { DraftMap, list, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { parseTime, writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { type Given, type Scope, setting } from "./model.ts";
import { splitParameter } from "./parameter.ts";
import { joinTarget, readTarget } from "./read-upstream-server.ts";

const DNS_PORT = 53;

export interface ResolverName {
  readonly name: string;
  readonly isIpv4Only: boolean;
}

/** @returns null after errors were reported */
export function emitResolver(emission: Emission, upstream: Scope, word: Word): ResolverName | null {
  const given = setting(upstream, "resolver");
  if (given === null) {
    const message = '"resolve" has no resolver';
    emission.report.error(word, message, "resolver and the address of a name server");
    return null;
  }
  const resolvers = emission.document.child("resolvers", { at: given.name.at });
  const name = nameOf(resolvers, given);
  const { draft, isIpv4Only } = resolverOf(emission, given);
  if (!resolvers.has(name)) resolvers.set(name, draft, given.name.at);
  return { name, isIpv4Only };
}

/** One for each directive: blocks may have several. */
function nameOf(resolvers: DraftMap, { name }: Given): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? "nginx" : `nginx-${number}`;
    const known = resolvers.entries.get(candidate);
    if (known === undefined || known.keyAt === name.at) return candidate;
  }
}

function resolverOf({ report }: Emission, given: Given) {
  const draft = new DraftMap({ at: given.name.at });
  const servers: Word[] = [];
  let isIpv4Only = false;
  for (const word of given.args) {
    const value = splitParameter(word);
    const name = word.text.split("=")[0];
    if (value === null) servers.push(word);
    else if (name === "valid") putTime(report, draft, { key: "interval", value });
    else if (name === "ipv6") isIpv4Only = value.text === "off";
    else if (name === "ipv4" && value.text === "off") isIpv4Only = false;
    else if (name === "status_zone") report.notice(word, '"status_zone" names statistics');
    else if (name !== "ipv4") {
      report.error(word, `"${word.text}" is no parameter of resolver`, "valid=, ipv4= or ipv6=");
    }
  }
  const addresses = servers.flatMap((word) => {
    const target = readTarget(word, report, { portDefault: DNS_PORT });
    return target === null ? [] : [scalar(joinTarget(target.host, target.port!), word)];
  });
  if (addresses.length > 0) draft.set("nameServers", list(addresses, addresses[0]!));
  return { draft, isIpv4Only };
}

function putTime(
  report: Emission["report"],
  draft: DraftMap,
  { key, value }: { readonly key: string; readonly value: Word },
): void {
  const ms = parseTime(value.text);
  if (ms === null) report.error(value, `valid is "${value.text}"`, "a time such as 30s");
  else draft.set(key, scalar(writeTime(value.text, ms), value));
}
