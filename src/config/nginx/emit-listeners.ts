// Servers as listeners. Servers that share an address are told apart by the name that clients ask
// for in TLS: they become one listener with `serverNames`, and the default one is its `pool`.

import { DraftMap, list } from "../import/draft.ts";
import { signatureOf } from "../import/hoist.ts";
import type { Word } from "../import/word.ts";
import { SERVER_NAME_PATTERN } from "../transport-field.ts";
import type { Emission } from "./emission.ts";
import { emitFaces, type Face, finishFace } from "./emit-server.ts";
import { type NamedPool, spread, tellOfMask } from "./find-pools.ts";
import { isOn, listOf, type Scope } from "./model.ts";

/** @returns the names of the listeners that were made of each server */
export function emitListeners(
  emission: Emission,
  listeners: DraftMap,
): ReadonlyMap<Scope, readonly string[]> {
  const made = new Map<Scope, string[]>();
  const faces = emission.model.servers.flatMap((server) => emitFaces(emission, server));
  for (const group of groupFaces(emission, faces)) {
    const face = mergeFaces(emission, group);
    const listener = new DraftMap({ at: face.server.at });
    finishFace(face, listener);
    const name = freeName(listeners, nameOf(face));
    listeners.set(name, listener, face.server.at);
    for (const { server } of group) made.set(server, [...(made.get(server) ?? []), name]);
  }
  return made;
}

/** `status_zone` names a server; else its port does. */
function nameOf({ server, listens }: Face): string {
  const zone = server.settings.get("status_zone")?.args[0]?.text;
  return zone ?? `port-${listens[0]!.port}`;
}

export function freeName(listeners: DraftMap, wanted: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!listeners.has(name)) return name;
  }
}

/** Those that listen on the same addresses, the default one first. */
function groupFaces(emission: Emission, faces: readonly Face[]): readonly (readonly Face[])[] {
  const groups: Face[][] = [];
  const byAddress = new Map<string, Face[]>();
  for (const face of faces) {
    const own = addressesOf(face);
    const taken = own.find((address) => byAddress.has(address));
    const group = taken === undefined ? undefined : byAddress.get(taken);
    if (group === undefined) {
      const made = [face];
      groups.push(made);
      for (const address of own) byAddress.set(address, made);
      continue;
    }
    const [first] = group as [Face];
    if (own.join() === addressesOf(first).join()) {
      if (isDefault(face)) group.unshift(face);
      else group.push(face);
      continue;
    }
    const { line } = first.server.at;
    const message = `this server shares some of its addresses with that in line ${line}`;
    const at = face.listens[0]!.given.args[0]!;
    emission.report.error(at, message, "all of them, or none");
  }
  return groups;
}

function addressesOf({ listens }: Face): readonly string[] {
  return listens.flatMap(({ addresses }) => addresses).sort();
}

function isDefault({ listens }: Face): boolean {
  return listens.some(({ parameters }) => {
    return parameters.has("default_server") || parameters.has("default");
  });
}

function mergeFaces(emission: Emission, [first, ...others]: readonly Face[]): Face {
  if (others.length === 0) {
    refuseNoHandshake(emission, first!.server);
    return first!;
  }
  const byServerName = new Map<string, NamedPool>(first!.pools.byServerName);
  const isStrict = isOn(first!.server, "ssl_reject_handshake");
  const tls = first!.draft.entries.get("tls")?.node;
  for (const other of others) {
    for (const [name, pool] of namesOf(emission, first!, other)) {
      if (!byServerName.has(name)) byServerName.set(name, pool);
    }
  }
  if (tls instanceof DraftMap) {
    addCertificates(tls, isStrict ? others : [first!, ...others]);
    if (isStrict) tls.put("strictServerName", true, { at: first!.server.at });
  }
  const standard = first!.pools.standard ?? (isStrict ? others[0]!.pools.standard : null);
  const listens = listensOf(first!, others);
  return { ...first!, listens, pools: { ...first!.pools, standard, byServerName } };
}

/** What one server says of the address counts for all: IPv4 is let in. */
function listensOf(first: Face, others: readonly Face[]): Face["listens"] {
  const letsIn = others.flatMap(({ listens }) => {
    return listens.filter(({ ipv6Only }) => ipv6Only === false);
  });
  return first.listens.map((listen) => {
    const isLetIn = letsIn.some(({ addresses }) => addresses.join() === listen.addresses.join());
    return isLetIn ? { ...listen, ipv6Only: false } : listen;
  });
}

function refuseNoHandshake({ report }: Emission, server: Scope): void {
  if (!isOn(server, "ssl_reject_handshake")) return;
  const message = "this server refuses everybody: no other one listens where it does";
  report.error(server.settings.get("ssl_reject_handshake")!.name, message, "a server beside it");
}

/** @returns pools by the names that the other server has */
function namesOf(emission: Emission, first: Face, other: Face): readonly [string, NamedPool][] {
  const { report } = emission;
  const words = listOf(other.server, "server_name").flatMap(({ args }) => args);
  const seesNames = first.draft.has("tls") || protocolOf(first) === "tls";
  if (words.every(({ text }) => text === "") || !seesNames) {
    const at = other.listens[0]!.given.args[0]!;
    const message = `the server in line ${first.server.at.line} listens on "${at.text}" already`;
    report.error(at, message, seesNames ? "server_name, to tell them apart" : "another port");
    return [];
  }
  if (comparable(first) !== comparable(other) || other.pools.rules.length > 0) {
    const may = "server_name, certificates and proxy_pass";
    const message = `servers of one address differ in more than ${may}`;
    report.error(other.server.at, message, `what the server in line ${first.server.at.line} says`);
  }
  const pool = other.pools.standard;
  if (pool === null) return [];
  return words.flatMap((word) => nameEntries(emission, word, pool));
}

function nameEntries(emission: Emission, word: Word, pool: NamedPool): [string, NamedPool][] {
  if (word.text === "") return [];
  if (!SERVER_NAME_PATTERN.test(word.text.replace(/^\./, ""))) {
    const message = `"${word.text}" cannot be honoured: names are matched whole, or by their end`;
    emission.report.error(word, message, "a.example or *.a.example");
    return [];
  }
  tellOfMask(emission, word);
  return spread(word.text, pool).map(([name, value]) => [name, value]);
}

function protocolOf({ draft }: Face): string {
  const node = draft.entries.get("protocol")?.node;
  return node?.kind === "scalar" ? String(node.value) : "";
}

/** All but what may differ: certificates go together, and clients get the one for their name. */
function comparable({ draft }: Face): string {
  const parts = [...draft.entries].map(([key, { node }]) => {
    if (key !== "tls" || !(node instanceof DraftMap)) return `${key} ${signatureOf(node)}`;
    const rest = [...node.entries].filter(([name]) => name !== "certificates");
    return JSON.stringify(rest.map(([name, entry]) => [name, signatureOf(entry.node)]));
  });
  return parts.sort().join("\n");
}

function addCertificates(tls: DraftMap, faces: readonly Face[]): void {
  const all = faces.flatMap(({ draft }) => {
    const node = draft.entries.get("tls")?.node;
    const certificates = node instanceof DraftMap ? node.entries.get("certificates")?.node : null;
    return certificates?.kind === "list" ? certificates.items : [];
  });
  const bySignature = new Map(all.map((item) => [signatureOf(item), item]));
  const items = [...bySignature.values()];
  tls.set("certificates", list(items, items[0] ?? tls));
}
