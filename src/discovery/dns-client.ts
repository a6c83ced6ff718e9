// Asks name servers, by Node's resolver (c-ares): A, AAAA, and SRV with the addresses of its
// targets.
//
// Bounded by the resolver's timeout and tries for each query, by TARGETS_MAX for the targets of one
// service. Keeps nothing: what is held, and for how long, is held-answer.ts's.

import type { SrvRecord } from "node:dns";
import { Resolver } from "node:dns/promises";
import type { DnsAnswer, DnsClient, DnsFailure, DnsQuestion, DnsRecord } from "./dns-answer.ts";

export interface DnsClientSettings {
  /** `10.0.0.53:53`, `[2001:db8::53]:53`; empty: those of the system. */
  readonly nameServers: readonly string[];
  /** Time until a query that is not answered is sent again. */
  readonly retryMs: number;
  /** How often it is sent at most. */
  readonly triesMax: number;
}

/** More than this many machines behind one service are left out. */
const TARGETS_MAX = 1024;

const FAILURES: Readonly<Record<string, readonly [DnsFailure, string]>> = {
  ENOTFOUND: ["nx", "no such name"],
  ENODATA: ["nx", "the name has no such record"],
  EREFUSED: ["refused", "the name server refuses"],
  ECONNREFUSED: ["refused", "no name server is there"],
  ETIMEOUT: ["timeout", "no name server answers"],
  ESERVFAIL: ["other", "the name server has failed"],
};

export function makeDnsClient(settings: DnsClientSettings): DnsClient {
  const { nameServers, retryMs: timeout, triesMax: tries } = settings;
  const resolver = new Resolver({ timeout, tries });
  if (nameServers.length > 0) resolver.setServers(nameServers);
  return {
    ask: (question) => ask(resolver, question),
    close: () => resolver.cancel(),
  };
}

async function ask(resolver: Resolver, question: DnsQuestion): Promise<DnsAnswer> {
  const { name, prefer } = question;
  if (!name.startsWith("_")) return await askAddresses(resolver, name, prefer);
  try {
    const services = await resolver.resolveSrv(name);
    return await locate(resolver, services.slice(0, TARGETS_MAX), prefer);
  } catch (error) {
    return failureOf(error);
  }
}

async function askAddresses(
  resolver: Resolver,
  name: string,
  prefer: DnsQuestion["prefer"],
): Promise<DnsAnswer> {
  const queries = [() => resolver.resolve4(name), () => resolver.resolve6(name)];
  const ordered = prefer === "ipv4" ? queries : queries.reverse();
  let answer: DnsAnswer = { records: [], failure: null };
  for (const query of ordered) {
    answer = await answerTo(query);
    // Only a name without this kind of address may have the other kind.
    if (answer.failure !== "nx") return answer;
  }
  return answer;
}

async function answerTo(query: () => Promise<string[]>): Promise<DnsAnswer> {
  try {
    const addresses = await query();
    const records = addresses.map((address) => ({ address, port: null, weight: null }));
    return { records, failure: null };
  } catch (error) {
    return failureOf(error);
  }
}

// RFC 2782: the lowest priority number is used, and weights of 0 alone are no weights; machines of
// a target share its port and weight.
async function locate(
  resolver: Resolver,
  services: readonly SrvRecord[],
  prefer: DnsQuestion["prefer"],
): Promise<DnsAnswer> {
  const first = Math.min(...services.map(({ priority }) => priority));
  const used = services.filter(({ priority, name }) => priority === first && name !== "");
  const isWeighted = used.some(({ weight }) => weight > 0);
  const answers = await Promise.all(used.map(({ name }) => askAddresses(resolver, name, prefer)));
  const records = answers.flatMap(({ records: found }, i): DnsRecord[] => {
    const { port, weight } = used[i]!;
    return (found ?? []).map(({ address }) => {
      return { address, port, weight: isWeighted ? weight : null };
    });
  });
  const failed = answers.find(({ failure }) => failure !== null);
  // A target without an address is left out; when none has one, the service is not there.
  return records.length === 0 && failed !== undefined ? failed : { records, failure: null };
}

function failureOf(error: unknown): DnsAnswer {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const [failure, sentence] = FAILURES[code] ?? ["other", `the query failed (${code})`];
  return { records: null, failure, sentence };
}
