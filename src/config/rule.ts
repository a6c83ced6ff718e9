// What a cross-key rule is given: the checked document, where each value stands, and a way to
// report. A rule looks at what several keys say together; what one key says is the schema's.

import { type Endpoint, formatAddress, makeEndpoint } from "../bytes/endpoint.ts";
import type { HostPort } from "./address.ts";
import type { Diagnostic, Position, Severity } from "./diagnostic.ts";
import type { HostAnswers } from "./host-lookup.ts";
import { placeInText } from "./place-in-text.ts";
import { formatPath, nearestNode, nodeAt, type Path, type RawNode } from "./raw-document.ts";
import type { RuleAnswers } from "./read-rules.ts";
import type { Document } from "./schema.ts";
import type { TicketKeyAnswer, TlsAnswers } from "./tls-files.ts";

/** A rule reports what it finds and leaves the document alone. */
export type Rule = (context: RuleContext) => void;

export interface RuleContext {
  readonly document: Document;
  /** The file as it was written, mistakes included. */
  readonly written: RawNode;
  /** Whether the operator wrote this key (and not the default or a placeholder stands there). */
  readonly isGiven: (path: Path) => boolean;
  readonly report: (finding: Finding) => void;
  /** Null while the host name has no address. */
  readonly endpointOf: (address: HostPort) => Endpoint | null;
  readonly hosts: HostAnswers;
  /** What is in the files of the `tls` sections. */
  readonly tls: TlsAnswers;
  /** What is in the files of `tls.ticketKeys`. */
  readonly ticketKeys: TicketKeyAnswer;
  /** What the texts of rules and expressions say. */
  readonly rules: RuleAnswers;
  /** Code may send clients to any pool. */
  readonly hasPolicy: boolean;
  /** Of this machine, as `formatAddress` writes them. */
  readonly ownAddresses: ReadonlySet<string>;
}

export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly expected: string | null;
  /** `error` unless said otherwise. */
  readonly severity?: Severity;
  /** Points at the key instead of its value. */
  readonly atKey?: boolean;
  /** Points at this character of a text. */
  readonly index?: number;
}

export interface RuleInput {
  readonly file: string;
  readonly document: Document;
  readonly written: RawNode;
  /** The raw document that `document` was made from. */
  readonly root: RawNode;
  readonly hosts: HostAnswers;
  readonly tls: TlsAnswers;
  readonly ticketKeys: TicketKeyAnswer;
  readonly rules: RuleAnswers;
  /** False unless said otherwise. */
  readonly hasPolicy?: boolean;
  /** None unless said otherwise. */
  readonly ownAddresses?: readonly string[];
}

/** Makes the context of one run of rules; what they report goes to the end of `diagnostics`. */
export function makeRuleContext(input: RuleInput, diagnostics: Diagnostic[]): RuleContext {
  const { file, document, written, root, hosts, tls, ticketKeys, rules, hasPolicy = false } = input;
  const report = (finding: Finding): void => {
    const node = nearestNode(root, finding.path);
    if (node.placeholder) return;
    const exact = nodeAt(root, finding.path) === node;
    const at = exact && !finding.atKey ? placeOf(node, finding) : node.keyAt;
    const { message, expected, severity = "error" } = finding;
    diagnostics.push({ file, ...at, path: formatPath(node.path), severity, message, expected });
  };
  const isGiven = (path: Path): boolean => {
    const node = nodeAt(root, path);
    return node !== undefined && !node.placeholder;
  };
  const endpointOf = (address: HostPort): Endpoint | null => findEndpoint(address, hosts);
  const answers = { hosts, tls, ticketKeys, rules };
  const ownAddresses = new Set((input.ownAddresses ?? []).map(formatted));
  return { document, written, isGiven, report, endpointOf, ...answers, hasPolicy, ownAddresses };
}

function formatted(address: string): string {
  const endpoint = makeEndpoint(address, 0);
  return endpoint === null ? address : formatAddress(endpoint, 0);
}

function placeOf(node: RawNode, { index }: Finding): Position {
  return index === undefined || node.kind !== "scalar" ? node.at : placeInText(node, index);
}

/** @returns null when the host is a name that has no address */
export function findEndpoint(address: HostPort, hosts: HostAnswers): Endpoint | null {
  if (address.endpoint !== null) return address.endpoint;
  const first = hosts.get(address.host)?.addresses?.[0];
  return first === undefined ? null : makeEndpoint(first, address.port);
}

/** @returns `pool/server` for a server that is named so, or by its name in `pool` alone */
export function qualifyServer(name: string, pool: string): string {
  return name.includes("/") ? name : `${pool}/${name}`;
}
