// The plan: what the operator wrote, resolved, as workers run it. The control plane makes it whole,
// sends it in one message, and never changes it afterwards; live facts are in shared memory.
// Plain data only, so that it survives structured cloning.

import type { BackupRule, BalanceName } from "../balance/balance.ts";
import type { HashRule, ServerHashKey } from "../balance/hash-plan.ts";
import type { Endpoint } from "../bytes/endpoint.ts";
import type { TlvName } from "../proxy-protocol/tlv-name.ts";
import type { ClientKey } from "../rules/client-key.ts";
import type { StoredField } from "../rules/counter-fields.ts";
import type { KeyType } from "../rules/names.ts";
import type { RulePlan } from "../rules/rule.ts";
import type { NamedStickTablePlan, StickPlan, StickTablePlan } from "./stick-plan.ts";
import type { BucketShape } from "./token-bucket.ts";

export interface Plan {
  /** Rises by one with each plan. */
  readonly generation: number;
  /**
   * Indexes into these lists are listener, pool and server numbers, everywhere. What stays from one
   * plan to the next keeps its number. A number whose owner was removed keeps its place here until
   * the last connection that knows it has ended, with an fd of -1 or without servers.
   */
  readonly listeners: readonly ListenerPlan[];
  readonly pools: readonly PoolPlan[];
  readonly servers: readonly ServerPlan[];
  /** By pool number. */
  readonly balanceMemories: readonly BalanceMemoryPlan[];
  /** Sticky tables, by number. */
  readonly stickTables: readonly NamedStickTablePlan[];
  /** Counters by key, for rules. Numbers stay as those of servers do. */
  readonly counterTables: readonly CounterTablePlan[];
  /** Whether anybody reads how connections were; else their details are not put together. */
  readonly logsConnections: boolean;
  /** Decides on each CONNECT; null, or left out: the operator has none. */
  readonly policy?: PolicyPlan | null;
  /** How fast all listeners together let clients in; left out: all at once. */
  readonly accepts?: ProcessRatesPlan;
}

/** What clients of all listeners count against, beside the rate of their own. */
export interface ProcessRatesPlan {
  /** Of all listeners; null: no limit. */
  readonly all: SharedRatePlan | null;
  /** Of those with TLS; null: no limit. */
  readonly tls: SharedRatePlan | null;
}

/** The operator's module, bundled. */
export interface PolicyPlan {
  /** The absolute path of the file it was made from. */
  readonly file: string;
  /** CommonJS; its default export has the hooks of policy/policy.ts. */
  readonly text: string;
  /** Another one for each time that the file was read. */
  readonly version: string;
}

/** A table of counters (`CounterTableBuffers` of stick/counter-table.ts). */
export interface CounterTablePlan {
  readonly name: string;
  readonly keyType: KeyType;
  readonly settings: {
    readonly entriesMax: number;
    readonly expiryMs: number;
    readonly seed: number;
    /** What is stored of each key; of a rate, the period it is counted over. */
    readonly counters: readonly { readonly field: StoredField; readonly periodMs: number }[];
    /** What its keys may send; left out: nobody meters them. */
    readonly meters?: MeterRatesPlan;
  };
  readonly keys: SharedArrayBuffer;
  readonly counts: SharedArrayBuffer;
}

/** Each so many over a time, and as many at once; null: no limit. */
export interface MeterRatesPlan {
  readonly publishes: { readonly count: number; readonly periodMs: number } | null;
  readonly bytes: { readonly count: number; readonly periodMs: number } | null;
}

/** What the balancers of all workers share for one pool: balance/balancers.ts makes it. */
export interface BalanceMemoryPlan {
  /** The generation of the plan that brought it; as long as that stays, so does the pool. */
  readonly generation: number;
  readonly memory: SharedArrayBuffer;
}

/** In `ListenerPlan.fd`: a listener that was removed, or whose sockets are not known yet. */
export const NO_FD = -1;

export interface ListenerPlan {
  readonly name: string;
  /** The listening socket of this worker: bound, listening, non-blocking. NO_FD: closed. */
  readonly fd: number;
  /** Index into `Plan.pools`. */
  readonly pool: number;
  /**
   * `mqtt` inspects CONNECT; `tcp` relays bytes as they come; `tls` does so too, once the server
   * name of the ClientHello has chosen the pool.
   */
  readonly protocol: "mqtt" | "tcp" | "tls";
  /** Who may name clients by a PROXY header; null: nobody, and none is expected. */
  readonly proxyProtocol: ProxyHeaderInPlan | null;
  /** TLS ends here; null: it does not. */
  readonly tls: TlsListenerPlan | null;
  /** MQTT comes in WebSocket frames; null: it does not. */
  readonly websocket: WebSocketListenerPlan | null;
  /** Pools by the server name that the client asks for by SNI; the first match counts. */
  readonly serverNames: readonly ServerNamePlan[];
  /** Of the sets `connection`, `session`, `content` and `pool`. */
  readonly rules: readonly RulePlan[];
  /** The table that its rules mean when they name none. */
  readonly counterTable: string | null;
  /** Concurrent connections of this listener over all workers; 0 means no limit of its own. */
  readonly connectionsMax: number;
  readonly connectSizeMaxBytes: number;
  /** The largest packet behind a CONNECT that a client may send, its fixed header included. */
  readonly packetSizeMaxBytes: number;
  /** What clients may do in MQTT; null: all of it. */
  readonly allow: AllowPlan | null;
  /** Who is turned away for a time after repeated failures; empty: nobody. */
  readonly bans: readonly BanPlan[];
  /** Time from accept until a whole CONNECT is there. */
  readonly connectDeadlineMs: number;
  /** Silence that ends a connection, where it is less than the pool's. */
  readonly idleTimeoutMs: number;
  /** How fast TLS handshakes are begun; null: all at once. */
  readonly handshakes: SharedRatePlan | null;
  /** How fast clients are let in, beside the rates of the process; null: all at once. */
  readonly accepts: SharedRatePlan | null;
}

/** Turns away, for a time, those of a key that has failed too often. */
export interface BanPlan {
  readonly by: "address" | "network" | "client-id";
  /** The table that counts failures (`gpc0_rate`), and keeps the second in which a ban ends. */
  readonly table: string;
  /** Failures over the period of that rate that lead to a ban. */
  readonly failuresMax: number;
  readonly banMs: number;
  /** Of an address: the leading bits that make its key. */
  readonly ipv4Bits: number;
  readonly ipv6Bits: number;
}

/** What the clients of a listener may do in MQTT. */
export interface AllowPlan {
  /** Protocol levels: 3 (MQTT 3.1), 4 (3.1.1), 5 (5.0). */
  readonly levels: readonly number[];
  /** The highest QoS of a PUBLISH or a will: 0, 1 or 2. */
  readonly qosMax: number;
  /** Whether a PUBLISH or a will may be retained. */
  readonly retain: boolean;
}

/** A rate of all workers together. */
export interface SharedRatePlan {
  readonly rate: BucketShape;
  /** The bucket of all workers. */
  readonly memory: SharedArrayBuffer;
}

export interface ProxyHeaderInPlan {
  /** `optional`: clients without a header are taken as they are. */
  readonly mode: "required" | "optional";
  /** Networks whose headers count; empty: every network. */
  readonly from: readonly NetworkPlan[];
  /** Time from accept until the whole header is there. */
  readonly deadlineMs: number;
}

export interface NetworkPlan {
  /** IPv4 as the mapped IPv6 address. */
  readonly endpoint: Endpoint;
  /** 0 to 128: bits of the IPv6 address that must agree. */
  readonly prefixBits: number;
}

export interface ServerNamePlan {
  /** Lower case: `a.example`, or `*.example` for one label more. */
  readonly name: string;
  /** Index into `Plan.pools`. */
  readonly pool: number;
}

/** What a listener needs to end TLS; the control plane has read and checked the files. */
export interface TlsListenerPlan {
  /** The first one is for clients that name no server, or an unknown one. */
  readonly certificates: readonly CertificatePlan[];
  /** Refuses clients that name no server, or an unknown one. */
  readonly strictServerName: boolean;
  readonly versionMin: TlsVersion;
  readonly versionMax: TlsVersion;
  /** OpenSSL's lists; empty for OpenSSL's own defaults. */
  readonly ciphers: string;
  readonly cipherSuites: string;
  readonly groups: string;
  /** By preference; empty: ALPN is not answered. */
  readonly alpn: readonly string[];
  readonly clientCertificate: ClientCertificatePlan;
  readonly handshakeDeadlineMs: number;
  /** Session tickets, with keys that all workers share. */
  readonly tickets: boolean;
}

export type TlsVersion = "1.2" | "1.3";

export interface CertificatePlan {
  /** PEM: the leaf first, then its issuers in order. */
  readonly chain: string;
  /** PEM, not encrypted. */
  readonly key: string;
  /** Lower case, from the leaf: `a.example`, `*.example`. */
  readonly names: readonly string[];
  /** A DER OCSP response to staple; null for none. */
  readonly ocsp: Uint8Array | null;
}

export interface ClientCertificatePlan {
  readonly mode: "none" | "optional" | "required";
  /** PEM bundle of the authorities that may have signed it. */
  readonly authorities: string;
  /** PEM bundle of revocation lists; empty: none are looked at. */
  readonly revoked: string;
  /** Intermediate certificates in a chain, at most. */
  readonly depth: number;
}

export interface WebSocketListenerPlan {
  /** Paths that are upgraded, such as `/mqtt`; others are answered with 404. */
  readonly paths: readonly string[];
  /** Origins that browsers may come from, lower case; empty: all. */
  readonly origins: readonly string[];
  /** The largest payload of one frame. */
  readonly frameSizeMaxBytes: number;
  /** Time from accept (or the end of the TLS handshake) until the whole request is there. */
  readonly deadlineMs: number;
}

/** A fixed header of five bytes and all that 28 bits of length can say (5.0, 2.1.4). */
const MQTT_PACKET_SIZE_MAX = 5 + 268_435_455;

/** What a listener is that takes MQTT over plain TCP, and bounds nothing. */
export const PLAIN_LISTENER = Object.freeze({
  idleTimeoutMs: 0xffff_ffff,
  proxyProtocol: null,
  tls: null,
  websocket: null,
  serverNames: [],
  rules: [],
  counterTable: null,
  handshakes: null,
  accepts: null,
  packetSizeMaxBytes: MQTT_PACKET_SIZE_MAX,
  allow: null,
  bans: [],
}) satisfies Partial<ListenerPlan>;

/** How a server is spoken to, below MQTT. */
export interface ServerTransportPlan {
  readonly proxyProtocol: ProxyHeaderOutPlan | null;
  readonly tls: TlsServerPlan | null;
  readonly websocket: WebSocketServerPlan | null;
  /** Where connections to it come from; null: the kernel chooses. */
  readonly source: SourcePlan | null;
  /** When the kernel asks a silent server whether it is still there; null: never. */
  readonly tcpKeepAlive: TcpKeepAlivePlan | null;
}

/** See tcp(7); 0 stands for what the kernel has by itself. */
export interface TcpKeepAlivePlan {
  /** Silence before the first probe. */
  readonly idleSeconds: number;
  /** From one probe to the next. */
  readonly intervalSeconds: number;
  /** Probes without an answer after which the connection ends. */
  readonly probes: number;
}

export interface ProxyHeaderOutPlan {
  readonly version: 1 | 2;
  /** TLVs of version 2; those that a connection has no value for are left out. */
  readonly tlvs: readonly TlvName[];
}

export interface TlsServerPlan {
  /** PEM bundle to verify the server against; null: it is not verified. */
  readonly authorities: string | null;
  /** Checked against the certificate; sent by SNI unless it is an IP address; empty: neither. */
  readonly serverName: string;
  /** Our own certificate; null for none. */
  readonly certificate: { readonly chain: string; readonly key: string } | null;
  readonly alpn: readonly string[];
  readonly versionMin: TlsVersion;
  readonly versionMax: TlsVersion;
  readonly ciphers: string;
  readonly cipherSuites: string;
}

export interface WebSocketServerPlan {
  readonly path: string;
  /** The Host header. */
  readonly host: string;
}

export type SourcePlan =
  /** The client's own address and port 0 (IP_TRANSPARENT). */
  | { readonly kind: "client" }
  /** At least one, with port 0; several take turns. */
  | { readonly kind: "addresses"; readonly endpoints: readonly Endpoint[] };

/** What a choice by hash goes by, and how that becomes a server. */
export interface HashPlan extends HashRule {
  readonly key: ClientKey;
}

/**
 * `next`: it goes to another server; `wait`: it waits for its own; `wait-or-next`: so it does,
 * unless perServerMax clients wait there.
 */
export type StickyQueue = "next" | "wait" | "wait-or-next";

export interface QueuePlan {
  /** How long one client waits. */
  readonly timeoutMs: number;
  /** Clients of one worker that wait at once; 0: as many as it has. */
  readonly lengthMax: number;
  /** Clients of all workers that wait at once for the server of their key; 0: as many as come. */
  readonly perServerMax: number;
  /** What becomes of a client whose sticky server is full; left out: it goes to another one. */
  readonly sticky?: StickyQueue;
}

/** How fast new clients are let in to a pool's servers. */
export interface AdmissionPlan {
  /** Of the whole pool; null: no limit. */
  readonly rate: BucketShape | null;
  /** Of each server, whose buckets are in the server states; null: no limit. */
  readonly perServer: BucketShape | null;
  /** How long a client waits for its turn. */
  readonly delayMaxMs: number;
  /** Clients of one worker that wait at once. */
  readonly waitingMax: number;
  /** The pool's bucket, of all workers. */
  readonly memory: SharedArrayBuffer;
}

/** Servers whose limits rise with the clients of their pool. */
export interface RampPlan {
  /** Clients from which on they get all of their limits; null: a tenth of the process's. */
  readonly fullAt: number | null;
  /** Their numbers; their limits are in the server states. */
  readonly servers: readonly number[];
}

export interface PoolPlan {
  readonly name: string;
  /** Of the sets `content` and `server`. */
  readonly rules: readonly RulePlan[];
  /** The table that its rules mean when they name none. */
  readonly counterTable: string | null;
  readonly balance: BalanceName;
  /** For the choices by hash; null for the others. */
  readonly hash: HashPlan | null;
  /** How many servers `random` draws, to take the least loaded of them. */
  readonly draws: number;
  readonly backups: BackupRule;
  /** Server numbers, in the operator's order; backups included. */
  readonly servers: readonly number[];
  /** How returning clients are known, in the order of asking; none: they are not. */
  readonly stick: readonly StickPlan[];
  /** Clients wait for a place when every server is full; null: they are refused at once. */
  readonly queue: QueuePlan | null;
  /** Limits that rise; null: every server has one limit. */
  readonly ramp: RampPlan | null;
  /** How fast new clients are let in; null: all at once. */
  readonly admission: AdmissionPlan | null;
  /** The ids of its connected clients (relay/server-of-id.ts); null: nobody keeps them. */
  readonly takeover: StickTablePlan | null;
  /** One attempt to connect to a server. */
  readonly dialTimeoutMs: number;
  /** Further attempts on the same server after a failed one. */
  readonly retries: number;
  /** Further servers tried after that. */
  readonly redispatches: number;
  /** Silence in both directions after which a connection ends. */
  readonly idleTimeoutMs: number;
  /** Whether MQTT clients with a keep alive may be silent for 1.5 times that instead. */
  readonly followsKeepAlive: boolean;
  /** How long one direction may stay open after the other has ended. */
  readonly finishTimeoutMs: number;
}

export interface ServerPlan {
  readonly name: string;
  /** Its number in its pool, from 1: its position unless the operator says otherwise. */
  readonly id: number;
  readonly hashKey: ServerHashKey;
  readonly endpoint: Endpoint;
  readonly transport: ServerTransportPlan;
  /** 0 to 256; 0 takes no new connections by balancing. The live value is in shared memory. */
  readonly weight: number;
  /** What clients may call it, as `host:port`; null, or left out: it has no name for them. */
  readonly publicName?: string | null;
  /** Used only when no other server of the pool is available. */
  readonly backup: boolean;
  /** Whether sticky tables remember clients that come here; left out: they do. */
  readonly sticks?: boolean;
  /** Concurrent connections over all workers; 0 means no limit. */
  readonly connectionsMax: number;
}
