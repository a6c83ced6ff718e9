// What contexts of both sides have in common: versions, ciphers, groups, options, protocols.
//
// Each function takes an SSL_CTX pointer and throws what OpenSSL has against a setting.

import { encodeText } from "../bytes/utf8.ts";
import type { TlsVersion } from "../shm/plan.ts";
import {
  SSL_CTX_ctrl,
  SSL_CTX_set_cipher_list,
  SSL_CTX_set_ciphersuites,
  SSL_CTX_set_options,
} from "./libssl.ts";
import { freeBytes, keepBytes } from "./native-bytes.ts";
import { openSslError } from "./openssl-errors.ts";
import * as ssl from "./ssl-constants.ts";

export interface ProtocolSettings {
  readonly versionMin: TlsVersion;
  readonly versionMax: TlsVersion;
  /** OpenSSL's lists for TLS 1.2 and TLS 1.3; empty for OpenSSL's own. */
  readonly ciphers: string;
  readonly cipherSuites: string;
}

const VERSIONS: Readonly<Record<TlsVersion, number>> = {
  "1.2": ssl.TLS1_2_VERSION,
  "1.3": ssl.TLS1_3_VERSION,
};

/** Bytes of a peer's certificate chain, at most; OpenSSL's own limit is 100 KiB. */
const CHAIN_SIZE_MAX = 32 * 1024;

export function setProtocol(context: number, settings: ProtocolSettings): void {
  const { versionMin, versionMax, ciphers, cipherSuites } = settings;
  SSL_CTX_ctrl(context, ssl.SSL_CTRL_SET_MIN_PROTO_VERSION, VERSIONS[versionMin], 0);
  SSL_CTX_ctrl(context, ssl.SSL_CTRL_SET_MAX_PROTO_VERSION, VERSIONS[versionMax], 0);
  if (ciphers !== "" && SSL_CTX_set_cipher_list(context, ciphers) !== 1) {
    throw openSslError(`Cannot use TLS ciphers "${ciphers}"`);
  }
  if (cipherSuites !== "" && SSL_CTX_set_ciphersuites(context, cipherSuites) !== 1) {
    throw openSslError(`Cannot use TLS 1.3 cipher suites "${cipherSuites}"`);
  }
}

/** @param groups OpenSSL's list, such as `X25519:P-256`; empty for OpenSSL's own */
export function setGroups(context: number, groups: string): void {
  if (groups === "") return;
  const list = keepBytes(encodeText(groups));
  const isTaken = SSL_CTX_ctrl(context, ssl.SSL_CTRL_SET_GROUPS_LIST, 0, list.address) === 1;
  freeBytes(list);
  if (!isTaken) throw openSslError(`Cannot use TLS groups "${groups}"`);
}

/** Buffers go back while a session waits; nothing is renegotiated, compressed or made up. */
export function setModes(context: number, options: number): void {
  const modes = ssl.SSL_MODE_RELEASE_BUFFERS + ssl.SSL_MODE_NO_AUTO_CHAIN;
  SSL_CTX_ctrl(context, ssl.SSL_CTRL_MODE, modes, 0);
  const always = ssl.SSL_OP_NO_COMPRESSION + ssl.SSL_OP_NO_RENEGOTIATION;
  SSL_CTX_set_options(context, always + options);
  SSL_CTX_ctrl(context, ssl.SSL_CTRL_SET_MAX_CERT_LIST, CHAIN_SIZE_MAX, 0);
}

/** @returns names as ALPN has them on the wire: each behind its length (RFC 7301, 3.1) */
export function encodeAlpn(names: readonly string[]): Uint8Array {
  const encoded = names.map((name) => encodeText(name));
  const wrong = encoded.findIndex(({ length }) => length === 0 || length > 255);
  if (wrong >= 0) throw new Error(`Cannot offer ALPN protocol "${names[wrong]}": 1 to 255 bytes`);
  return Uint8Array.from(encoded.flatMap((name) => [name.length, ...name]));
}
