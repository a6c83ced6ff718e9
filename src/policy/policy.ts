// What a policy is written with: the CONNECT and the client it is shown, and what it may answer.
// Published as "fairlead/policy".
//
// Types and four small functions; nothing is decided or carried out here. Imports nothing, because
// it is bundled with the operator's code.

/** How an operator's code takes part. Both hooks run in the workers, synchronously. */
export interface Hooks {
  /**
   * A client has sent a good CONNECT and has no server yet. Undefined: rules, sticky table and
   * balancing decide as if there were no policy.
   */
  readonly onConnect?: (connect: PolicyConnect, client: PolicyClient) => Decision | undefined;
  /** A connection that had sent a good CONNECT has ended. */
  readonly onClose?: (connection: EndedConnection) => void;
  /** Runs of a hook that take longer are counted; none is cut off. 1 unless set. */
  readonly hookBudgetMs?: number;
}

/**
 * The CONNECT of one client. Each property is decoded when it is read, and each time anew; none
 * can be read once the hook has returned.
 */
export interface PolicyConnect {
  /** Empty when the server is to choose one. */
  readonly clientId: string;
  /** Null: none was sent. */
  readonly userName: string | null;
  /** A copy of its bytes; null: none was sent. */
  readonly password: Uint8Array | null;
  readonly version: "3.1" | "3.1.1" | "5.0";
  /** 0: none. */
  readonly keepAliveSeconds: number;
  /** Clean Start of 5.0, Clean Session of 3.x. */
  readonly cleanStart: boolean;
  readonly will: PolicyWill | null;
  /** Null in 3.x. */
  readonly properties: PolicyProperties | null;
  /** In their order, names repeated as sent; empty in 3.x. */
  readonly userProperties: readonly UserProperty[];
}

export interface PolicyWill {
  readonly topic: string;
  readonly qos: number;
  readonly retain: boolean;
}

/** Properties of a CONNECT in 5.0, defaults filled in. */
export interface PolicyProperties {
  /** 0xffffffff: the session never expires. */
  readonly sessionExpirySeconds: number;
  readonly receiveMaximum: number;
  /** In bytes; 0: no limit. */
  readonly maximumPacketSize: number;
  readonly topicAliasMaximum: number;
  readonly authenticationMethod: string | null;
}

export interface UserProperty {
  readonly name: string;
  readonly value: string;
}

/** Who sent it; under the same rules as PolicyConnect, its TLS session included. */
export interface PolicyClient {
  /** IPv4 as `192.0.2.1`; what a PROXY header says where one came. */
  readonly address: string;
  readonly port: number;
  /** The listener's name. */
  readonly listener: string;
  /** Null: TLS does not end here. */
  readonly tls: PolicyTls | null;
  /** Whether a PROXY header named the client. */
  readonly proxied: boolean;
}

export interface PolicyTls {
  /** `TLSv1.3` */
  readonly version: string;
  readonly cipher: string;
  /** By SNI; null: the client asked for none. */
  readonly serverName: string | null;
  /** The client's, verified; null: it showed none. */
  readonly certificate: PolicyCertificate | null;
}

export interface PolicyCertificate {
  /** The first CN of the subject; empty when there is none. */
  readonly commonName: string;
  /** `/C=DE/O=Example/CN=device-1` */
  readonly subject: string;
  /** SHA-256 of the certificate: hexadecimal, lower case, no colons. */
  readonly fingerprint256: string;
  /** `DNS:a.example`, `IP:192.0.2.1`, `URI:...`, `email:...` */
  readonly sans: readonly string[];
}

/** A connection that has ended; under the same rules as PolicyConnect. */
export interface EndedConnection {
  /** As the server knew it, which may be what a rewrite made of it. */
  readonly clientId: string;
  readonly address: string;
  readonly listener: string;
  readonly pool: string;
  /** Null: it never had one. */
  readonly server: string | null;
  /** A name of the catalogue of close reasons: `client-disconnected`. */
  readonly reason: string;
  readonly durationMs: number;
  readonly bytesFromClient: number;
  readonly bytesFromServer: number;
}

export type Decision = Route | Refusal;

/** Where a client goes and as whom; null leaves it as it is. */
export interface Route {
  readonly kind: "route";
  readonly pool: string | null;
  readonly server: string | null;
  readonly changes: ConnectRewrite | null;
}

export interface Refusal {
  readonly kind: "refuse";
  readonly code: number;
  readonly reason: string | null;
  /** Where else the client may go; only with 0x9C and 0x9D. */
  readonly reference: string | null;
}

/** Elsewhere for now (0x9C), or from now on (0x9D). */
export type Elsewhere = "use-another-server" | "server-moved";

/** For clients of 5.0. */
export interface ElsewhereWords {
  readonly reason?: string | null;
  /** Other servers, as `host` or `host:port`, separated by spaces (5.0, 4.11). */
  readonly reference?: string | null;
}

/** What is left out stays; null takes a field away. */
export interface ConnectRewrite {
  readonly clientId?: string;
  readonly userName?: string | null;
  readonly password?: string | Uint8Array | null;
  /** Behind those that the client sent; ignored in 3.x. */
  readonly userProperties?: readonly UserProperty[];
}

/** Sends the client to a pool, whose rules, sticky table and balancing choose the server. */
export function pool(name: string): Route {
  return { kind: "route", pool: name, server: null, changes: null };
}

/**
 * Sends the client to a server, or by its pool's choice where that one cannot take it.
 * @param name `pool/server`, or the name of a server in the listener's own pool
 */
export function server(name: string): Route {
  return { kind: "route", pool: null, server: name, changes: null };
}

const ELSEWHERE: Readonly<Record<string, number>> = {
  "use-another-server": 0x9c,
  "server-moved": 0x9d,
};

/**
 * Turns the client away with a CONNACK.
 * @param code a reason code of 5.0 from 0x80 to 0x9f; clients of 3.x get the nearest they have
 * @param reason for clients of 5.0 that want to know
 */
export function refuse(code: number, reason?: string | null): Refusal;
/**
 * Turns the client away with a CONNACK that sends it elsewhere; clients of 3.x learn no more than
 * that the server is unavailable.
 * @param words with `reference`, the CONNACK says where (Server Reference; 5.0, 3.2.2.3.16)
 */
export function refuse(code: Elsewhere, words?: ElsewhereWords): Refusal;
export function refuse(
  code: number | Elsewhere,
  words: string | null | ElsewhereWords = null,
): Refusal {
  const number = typeof code === "string" ? ELSEWHERE[code] : code;
  if (number === undefined || !Number.isInteger(number) || number < 0x80 || number > 0x9f) {
    throw new RangeError(`Cannot refuse with code ${code}: reason codes are 0x80 to 0x9f`);
  }
  const isReason = typeof words === "string" || words === null;
  const { reason = null, reference = null } = isReason ? { reason: words } : words;
  return { kind: "refuse", code: number, reason, reference };
}

/**
 * Gives the CONNECT other fields before a server sees it.
 * @param route where it goes: of `pool` or `server`; left out: where it would go anyway
 */
export function rewrite(changes: ConnectRewrite, route: Route | null = null): Route {
  const { pool, server } = route ?? { pool: null, server: null };
  return { kind: "route", pool, server, changes };
}
