// Looks up the host names of servers, each once, all at the same time.
//
// A lookup that fails is an answer, not an exception: the rules report it at the name's place. How
// long one may take is the resolver's business (resolv.conf: `timeout`, `attempts`).

import { lookup } from "node:dns/promises";
import { isHostName } from "./address.ts";
import type { Document } from "./schema.ts";

/** Answers with the addresses of a host, the preferred one first, or throws. */
export type Lookup = (host: string) => Promise<readonly string[]>;

export type HostAnswer =
  | { readonly addresses: readonly string[]; readonly failure: null }
  | { readonly addresses: null; readonly failure: string };

export type HostAnswers = ReadonlyMap<string, HostAnswer>;

/** The system's resolver: /etc/hosts, then DNS, as nsswitch.conf has it. */
export const systemLookup: Lookup = async (host) => {
  const answers = await lookup(host, { all: true, verbatim: false });
  return answers.map(({ address }) => address);
};

export async function lookUpHosts(document: Document, lookUp: Lookup): Promise<HostAnswers> {
  const hosts = new Set<string>();
  for (const pool of Object.values(document.pools)) {
    for (const { address, resolver } of pool.servers) {
      // With a resolver the name is looked up while Fairlead runs, and may have no address yet.
      if (resolver === undefined && isHostName(address)) hosts.add(address.host);
    }
  }
  const answers = [...hosts].map(async (host) => [host, await answerFor(host, lookUp)] as const);
  return new Map(await Promise.all(answers));
}

async function answerFor(host: string, lookUp: Lookup): Promise<HostAnswer> {
  try {
    const addresses = await lookUp(host);
    if (addresses.length > 0) return { addresses, failure: null };
    return { addresses: null, failure: "it has no address" };
  } catch (error) {
    return { addresses: null, failure: lookupFailureOf(error) };
  }
}

/** @returns why a lookup has failed, in words */
export function lookupFailureOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOTFOUND") return "no such host";
  if (code === "EAI_AGAIN") return "the name server does not answer";
  return error instanceof Error ? error.message : String(error);
}
