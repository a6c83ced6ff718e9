// What the DNS says of a name: where servers are, or why it does not say. Types only.

/** One place of a server. */
export interface DnsRecord {
  /** An IP address, without brackets. */
  readonly address: string;
  /** Of an SRV record; null: the port is the operator's to say. */
  readonly port: number | null;
  /** Of an SRV record, 0 to 65535; null: none is said. */
  readonly weight: number | null;
}

/** Why there is no answer; HAProxy's `hold` has one period for each. */
export type DnsFailure = "nx" | "refused" | "timeout" | "other";

export type DnsAnswer =
  | { readonly records: readonly DnsRecord[]; readonly failure: null }
  | { readonly records: null; readonly failure: DnsFailure; readonly sentence: string };

/** Whom to ask for what. A name that begins with `_` is a service (RFC 2782). */
export interface DnsQuestion {
  readonly name: string;
  /** Of addresses: which family is asked for first. The other one is, when that has none. */
  readonly prefer: "ipv4" | "ipv6";
}

/** Asks. Never rejects; an aborted question is a failure like others. */
export interface DnsClient {
  ask(question: DnsQuestion): Promise<DnsAnswer>;
  /** Ends what is under way. */
  close(): void;
}

/** @returns what tells one place from another */
export function recordKey({ address, port }: DnsRecord): string {
  return `${address} ${port ?? ""}`;
}
