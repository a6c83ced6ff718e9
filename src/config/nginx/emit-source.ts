// `proxy_bind`: where connections to servers come from. A variable of `split_clients`, nginx's way
// to have more connections than one address has ports, is addresses that take turns.

import { makeEndpoint } from "../../bytes/endpoint.ts";
import { type DraftMap, list, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { expand } from "./expressions.ts";
import { readLookup } from "./lookups.ts";
import { type Given, type Scope, setting } from "./model.ts";
import type { Expanded } from "./variables.ts";

/** Variables that are the client's own address. */
const CLIENT = ["remote_addr", "proxy_protocol_addr", "realip_remote_addr"];

export function emitSource(emission: Emission, server: Scope, pool: DraftMap): void {
  const { report } = emission;
  const given = setting(server, "proxy_bind");
  if (given === null) return;
  const [word, mode] = given.args as [Word, Word?];
  if (word.text === "off") return;
  if (mode !== undefined && mode.text !== "transparent") {
    report.error(mode, `"${mode.text}" stands behind the address of proxy_bind`, "transparent");
    return;
  }
  const parts = expand(emission, word, server);
  if (parts === null) return;
  const [first, port] = parts;
  // A port behind it, `$remote_addr:$remote_port`, is the client's: a new one will do.
  const isClient = first?.kind === "value" && CLIENT.includes(first.name);
  if (isClient && mode !== undefined) {
    if (port !== undefined) report.notice(word, "the client's port is not kept, only its address");
    pool.set("source", scalar("client", word), given.name.at);
    return;
  }
  const split = mode === undefined && port === undefined ? splitOf(first) : null;
  if (split !== null) emitSeveral(emission, { word, name: given.name, split, pool });
  else if (parts.some(({ kind }) => kind === "value")) refuseVariable(emission, word, isClient);
  else emitAddress(emission, { word, mode, name: given.name, pool });
}

function refuseVariable({ report }: Emission, word: Word, isClient: boolean): void {
  const message = `proxy_bind is "${word.text}", which differs from client to client`;
  const expected = isClient ? "transparent behind it" : "an address of this machine";
  report.error(word, message, expected);
}

function splitOf(part: Expanded | undefined): Given | null {
  if (part?.kind !== "value") return null;
  const { definition } = part;
  return definition.kind === "split_clients" ? definition.given : null;
}

interface Several {
  readonly word: Word;
  readonly name: Word;
  readonly split: Given;
  readonly pool: DraftMap;
}

function emitSeveral(emission: Emission, { word, name, split, pool }: Several): void {
  const { report } = emission;
  const lookup = readLookup(emission, split, "split_clients");
  if (lookup === null) return;
  const values = lookup.cases.map(({ value }) => value);
  if (lookup.standard !== null) values.push(lookup.standard);
  const odd = values.find(({ text }) => makeEndpoint(withoutBrackets(text), 0) === null);
  if (odd !== undefined) {
    report.error(odd, `proxy_bind may be "${odd.text}"`, "an IP address of this machine");
    return;
  }
  report.notice(word, `the addresses of "${word.text}" take turns, whoever the client is`);
  const addresses = values.map((value) => scalar(withoutBrackets(value.text), value));
  pool.set("source", list(addresses, word), name.at);
}

/** An address as it may stand with port 0 behind it, or in brackets. */
function withoutBrackets(text: string): string {
  return text.replace(/^\[(.*)\](?::0)?$/, "$1").replace(/^([\d.]+):0$/, "$1");
}

interface Bound {
  readonly word: Word;
  readonly mode: Word | undefined;
  readonly name: Word;
  readonly pool: DraftMap;
}

function emitAddress({ report }: Emission, { word, mode, name, pool }: Bound): void {
  const host = withoutBrackets(word.text);
  if (makeEndpoint(host, 0) === null) {
    report.error(word, `proxy_bind is "${word.text}"`, "an IP address of this machine");
  } else if (mode !== undefined) {
    const message = '"transparent" cannot be honoured for an address of somebody else';
    report.error(mode, message, "$remote_addr transparent, or an address of this machine");
  } else pool.set("source", scalar(host, word), name.at);
}
