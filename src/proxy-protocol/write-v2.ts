// Writes the binary header of version 2 with its TLVs (2.2): for servers behind us.
//
// Bounded by PROXY_HEADER_SIZE_MAX: a TLV that has no room is left out, and `add…` says so.
// Once a connection, so it may make strings into bytes.

import { addCrc32c, CRC32C_START, finishCrc32c } from "../bytes/crc32c.ts";
import { ADDRESS_SIZE, isIpv4Mapped } from "../bytes/endpoint.ts";
import { encodeText } from "../bytes/utf8.ts";
import {
  COMMAND_LOCAL,
  COMMAND_PROXY,
  CRC32C_SIZE,
  FAMILY_INET,
  FAMILY_INET6,
  FAMILY_UNSPEC,
  PROXY_HEADER_SIZE_MAX,
  SSL_FIXED_SIZE,
  TLV_ALPN,
  TLV_AUTHORITY,
  TLV_CRC32C,
  TLV_HEADER_SIZE,
  TLV_SSL,
  TLV_SSL_CIPHER,
  TLV_SSL_CN,
  TLV_SSL_KEY,
  TLV_SSL_SIGNATURE,
  TLV_SSL_VERSION,
  TLV_UNIQUE_ID,
  TRANSPORT_STREAM,
  TRANSPORT_UNSPEC,
  UNIQUE_ID_SIZE_MAX,
  V2_FIXED_SIZE,
  V2_SIGNATURE,
  V2_VERSION,
} from "./wire.ts";
import { isUnspecified } from "./write-v1.ts";

const IPV4_SIZE = 4;
/** Kept free for the checksum, which comes last. */
const CHECKSUM_TLV_SIZE = TLV_HEADER_SIZE + CRC32C_SIZE;
const NO_SSL = -1;
const NOTHING = new Uint8Array(0);

/**
 * Writes headers, one after the other; made once per worker. `begin`, then any of `add…`, those of
 * TLS behind `beginSsl`, then `finish`. Texts are written as UTF-8.
 */
export class ProxyV2Writer {
  #bytes: Uint8Array = NOTHING;
  #start = 0;
  #at = 0;
  /** Where PP2_TYPE_SSL starts while it may still grow. */
  #sslAt = NO_SSL;

  /**
   * Begins a header at `at`; PROXY_HEADER_SIZE_MAX bytes of room are enough.
   * @param isLocal the connection is our own, as that of a health check: no addresses are told
   * @param source the client's endpoint is at `sourceAt`; null, or an unspecified address, makes
   *   the header LOCAL
   * @param destination the endpoint that it connected to is at `destinationAt`
   */
  begin(
    bytes: Uint8Array,
    at: number,
    isLocal: boolean,
    source: Uint8Array | null,
    sourceAt: number,
    destination: Uint8Array,
    destinationAt: number,
  ): void {
    this.#bytes = bytes;
    this.#start = at;
    this.#at = at;
    this.#sslAt = NO_SSL;
    this.#write(V2_SIGNATURE, 0, V2_SIGNATURE.length);
    if (isLocal || source === null || isUnspecified(source, sourceAt)) {
      this.#writeCommand(COMMAND_LOCAL, FAMILY_UNSPEC, TRANSPORT_UNSPEC);
      return;
    }
    const isIpv4 = isIpv4Mapped(source, sourceAt) && isIpv4Mapped(destination, destinationAt);
    this.#writeCommand(COMMAND_PROXY, isIpv4 ? FAMILY_INET : FAMILY_INET6, TRANSPORT_STREAM);
    const size = isIpv4 ? IPV4_SIZE : ADDRESS_SIZE;
    this.#write(source, sourceAt + ADDRESS_SIZE - size, size);
    this.#write(destination, destinationAt + ADDRESS_SIZE - size, size);
    this.#write(source, sourceAt + ADDRESS_SIZE, 2);
    this.#write(destination, destinationAt + ADDRESS_SIZE, 2);
  }

  /** What was agreed on by ALPN. @returns false when it was left out for want of room */
  addAlpn(protocol: string): boolean {
    return this.#add(TLV_ALPN, encodeText(protocol));
  }

  /** The server name that the client asked for. */
  addAuthority(serverName: string): boolean {
    return this.#add(TLV_AUTHORITY, encodeText(serverName));
  }

  /** @param id at most 128 bytes; a longer one is left out */
  addUniqueId(id: Uint8Array): boolean {
    return id.length <= UNIQUE_ID_SIZE_MAX && this.#add(TLV_UNIQUE_ID, id);
  }

  /**
   * Begins PP2_TYPE_SSL, which ends with the next TLV that is no part of it.
   * @param version `TLSv1.3`; empty for a client without TLS
   * @param clientFlags CLIENT_SSL, CLIENT_CERT_CONN and CLIENT_CERT_SESS (wire.ts)
   * @param verify OpenSSL's verification result, 0 for a certificate that was verified
   */
  beginSsl(version: string, clientFlags: number, verify: number): boolean {
    const fixed = new Uint8Array(SSL_FIXED_SIZE);
    fixed[0] = clientFlags;
    writeUint32(fixed, 1, verify);
    const start = this.#at;
    if (!this.#add(TLV_SSL, fixed)) return false;
    this.#sslAt = start;
    return version === "" || this.#addToSsl(TLV_SSL_VERSION, version);
  }

  /** The common name of the client's certificate. */
  addSslCn(name: string): boolean {
    return this.#addToSsl(TLV_SSL_CN, name);
  }

  /** The cipher in use: `ECDHE-RSA-AES128-GCM-SHA256`. */
  addSslCipher(cipher: string): boolean {
    return this.#addToSsl(TLV_SSL_CIPHER, cipher);
  }

  /** How our certificate was signed: `RSA-SHA256`. */
  addSslSignature(algorithm: string): boolean {
    return this.#addToSsl(TLV_SSL_SIGNATURE, algorithm);
  }

  /** The key of our certificate: `RSA2048`. */
  addSslKey(algorithm: string): boolean {
    return this.#addToSsl(TLV_SSL_KEY, algorithm);
  }

  /** Completes the header. @returns its size in bytes */
  finish(withCrc32c: boolean): number {
    const start = this.#start;
    const bytes = this.#bytes;
    const sumAt = this.#at + TLV_HEADER_SIZE;
    // Its room was kept free; what it is the sum of includes the length of all TLVs.
    if (withCrc32c) this.#append(TLV_CRC32C, new Uint8Array(CRC32C_SIZE));
    const size = this.#at - start;
    writeUint16(bytes, start + V2_FIXED_SIZE - 2, size - V2_FIXED_SIZE);
    if (withCrc32c) {
      writeUint32(bytes, sumAt, finishCrc32c(addCrc32c(CRC32C_START, bytes, start, size)));
    }
    this.#bytes = NOTHING;
    return size;
  }

  #writeCommand(command: number, family: number, transport: number): void {
    const bytes = this.#bytes;
    bytes[this.#at] = (V2_VERSION << 4) | command;
    bytes[this.#at + 1] = (family << 4) | transport;
    writeUint16(bytes, this.#at + 2, 0);
    this.#at = this.#start + V2_FIXED_SIZE;
  }

  #add(type: number, value: Uint8Array): boolean {
    this.#sslAt = NO_SSL;
    if (!this.#hasRoom(value.length)) return false;
    this.#append(type, value);
    return true;
  }

  #addToSsl(type: number, text: string): boolean {
    const sslAt = this.#sslAt;
    const value = encodeText(text);
    // What it would be a part of may have had no room itself.
    if (sslAt === NO_SSL || !this.#hasRoom(value.length)) return false;
    this.#append(type, value);
    writeUint16(this.#bytes, sslAt + 1, this.#at - sslAt - TLV_HEADER_SIZE);
    return true;
  }

  #hasRoom(valueSize: number): boolean {
    const size = this.#at - this.#start + TLV_HEADER_SIZE + valueSize;
    return size + CHECKSUM_TLV_SIZE <= PROXY_HEADER_SIZE_MAX;
  }

  #append(type: number, value: Uint8Array): void {
    this.#bytes[this.#at] = type;
    writeUint16(this.#bytes, this.#at + 1, value.length);
    this.#at += TLV_HEADER_SIZE;
    this.#write(value, 0, value.length);
  }

  #write(from: Uint8Array, at: number, length: number): void {
    for (let i = 0; i < length; i++) this.#bytes[this.#at + i] = from[at + i]!;
    this.#at += length;
  }
}

function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  writeUint16(bytes, at, value >>> 16);
  writeUint16(bytes, at + 2, value & 0xffff);
}
