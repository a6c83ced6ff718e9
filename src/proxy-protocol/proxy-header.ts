// The value of a PROXY header: who the client is, as a proxy before us says.
//
// Filled in by read.ts, anew for each header; whoever keeps something of it copies it.
// Bounded as the header is: no field is longer than PROXY_HEADER_SIZE_MAX.

import { ENDPOINT_SIZE } from "../bytes/endpoint.ts";

/** What PP2_TYPE_SSL says of the client's TLS connection (2.2.6). Texts are empty when absent. */
export interface ProxySsl {
  /** CLIENT_SSL, CLIENT_CERT_CONN and CLIENT_CERT_SESS of wire.ts. */
  client: number;
  /** 0: the certificate was verified, or none was given; else OpenSSL's verification result. */
  verify: number;
  /** `TLSv1.3` */
  version: string;
  /** The common name of the client's certificate. */
  cn: string;
  /** `TLS_AES_256_GCM_SHA384` */
  cipher: string;
  /** How the proxy's own certificate was signed: `RSA-SHA256`. */
  signature: string;
  /** The key of the proxy's own certificate: `RSA2048`. */
  key: string;
}

export class ProxyHeader {
  /** 0 before any header was read. */
  version: 0 | 1 | 2 = 0;
  /**
   * The header names no address: LOCAL, UNKNOWN, an unspecified family or a UNIX socket. The
   * socket's own addresses count, and `source` and `destination` are zero.
   */
  isLocal = false;
  /** The client's endpoint (bytes/endpoint.ts). */
  readonly source = new Uint8Array(ENDPOINT_SIZE);
  /** The endpoint that the client connected to. */
  readonly destination = new Uint8Array(ENDPOINT_SIZE);
  /** The server name that the client asked for; empty when absent. */
  authority = "";
  /** The protocol that was agreed on by ALPN; empty when absent. */
  alpn = "";
  /** 0 to 128 bytes that name the connection; null when absent. */
  uniqueId: Uint8Array | null = null;
  ssl: ProxySsl | null = null;
  /** `vpce-08d2bf15fac5001c9`; empty when absent. */
  awsVpcEndpoint = "";
  /** The LinkID of the private endpoint; -1 when absent. */
  azureLinkId = -1;
  /** The Private Service Connect connection id, an unsigned 64-bit number in decimal digits. */
  gcpConnectionId = "";

  /** Makes it say nothing, as before the first header. */
  clear(): void {
    this.version = 0;
    this.isLocal = false;
    this.source.fill(0);
    this.destination.fill(0);
    this.authority = "";
    this.alpn = "";
    this.uniqueId = null;
    this.ssl = null;
    this.awsVpcEndpoint = "";
    this.azureLinkId = -1;
    this.gcpConnectionId = "";
  }
}
