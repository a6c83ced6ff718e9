// Settings of what lies between TCP and MQTT: TLS, WebSocket, PROXY headers, source addresses.
// Types only, a part of settings.ts and made in the same way.

import type { TlsMaterial, TlsSource } from "../certificates/tls-source.ts";
import type { TlvName } from "../proxy-protocol/tlv-name.ts";
import type { Network, SourceAddress } from "./transport-field.ts";

export type TlsVersion = "1.2" | "1.3";

/** What a listener has before MQTT. */
export interface ListenerTransportSettings {
  /** Who may name clients by a PROXY header; null: nobody, and none is expected. */
  readonly proxyProtocol: ProxyHeaderInSettings | null;
  /** TLS that ends here; null for none. */
  readonly tls: ListenerTlsSettings | null;
  readonly websocket: ListenerWebSocketSettings | null;
  /** Exact names first, then `*.` ones; the first match counts. */
  readonly serverNames: readonly ServerNameSettings[];
  /** When the kernel asks silent clients whether they are still there; null: never. */
  readonly tcpKeepAlive: TcpKeepAliveSettings | null;
}

/** See tcp(7); 0 stands for what the kernel has by itself. */
export interface TcpKeepAliveSettings {
  /** Silence before the first probe. */
  readonly idleSeconds: number;
  /** From one probe to the next. */
  readonly intervalSeconds: number;
  /** Probes without an answer after which the connection ends. */
  readonly probes: number;
}

export interface ProxyHeaderInSettings {
  readonly mode: "required" | "optional";
  /** Whose headers count; empty: everyone's. */
  readonly from: readonly Network[];
  /** Time from accept until the whole header is there. */
  readonly deadlineMs: number;
}

export interface ListenerTlsSettings extends TlsCipherSettings {
  /** Where the certificates are, and what was there when the settings were made. */
  readonly source: TlsSource;
  readonly material: TlsMaterial;
  /** Refuses clients that name no server, or an unknown one. */
  readonly strictServerName: boolean;
  /** OpenSSL's list; empty for its own default. */
  readonly groups: string;
  readonly clientCertificate: {
    readonly mode: "none" | "optional" | "required";
    /** Certificates between a client's own and that of the authority, at most. */
    readonly depth: number;
  };
  readonly handshakeDeadlineMs: number;
  readonly tickets: boolean;
}

export interface TlsCipherSettings {
  readonly versionMin: TlsVersion;
  readonly versionMax: TlsVersion;
  /** OpenSSL's list for TLS 1.2. */
  readonly ciphers: string;
  /** OpenSSL's list for TLS 1.3; empty for its own default. */
  readonly cipherSuites: string;
  /** By preference; empty: ALPN is left alone. */
  readonly alpn: readonly string[];
}

export interface ListenerWebSocketSettings {
  readonly paths: readonly string[];
  /** Lower case; empty: all. */
  readonly origins: readonly string[];
  readonly frameSizeMaxBytes: number;
  readonly deadlineMs: number;
}

export interface ServerNameSettings {
  /** Lower case: `a.example`, `*.a.example`. */
  readonly name: string;
  /** Index into `Settings.pools`. */
  readonly pool: number;
}

/** How a server is spoken to, below MQTT. */
export interface ServerTransportSettings {
  readonly proxyProtocol: ProxyHeaderOutSettings | null;
  /** One object for all servers that are spoken to in the same way. */
  readonly tls: ServerTlsSettings | null;
  readonly websocket: { readonly path: string; readonly host: string } | null;
  readonly source: SourceAddress | null;
  /** When the kernel asks a silent server whether it is still there; null: never. */
  readonly tcpKeepAlive: TcpKeepAliveSettings | null;
}

export interface ProxyHeaderOutSettings {
  readonly version: 1 | 2;
  readonly tlvs: readonly TlvName[];
}

export interface ServerTlsSettings extends TlsCipherSettings {
  readonly source: TlsSource;
  readonly material: TlsMaterial;
  /** Whom the server's certificate must come from: a bundle, Node's own, or anyone. */
  readonly trust: "authorities" | "system" | "anyone";
  /** The name in the server's certificate; a name that is no IP address is sent by SNI, too. */
  readonly serverName: string;
}
