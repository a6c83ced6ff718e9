// Keys of session tickets (RFC 5077, 4; RFC 8446, 4.6.1): what a client needs to resume is sealed
// and given to it to keep, so that any worker can take it up again and none has to remember.
//
//   ┌───────────────┬─────────────────────────────┬─────────────────────────────┐
//   │ name, 16 bytes│ HMAC-SHA256 key, 32 bytes   │ AES-256-CBC key, 32 bytes   │
//   └───────────────┴─────────────────────────────┴─────────────────────────────┘
//
// The first key seals, all of them open: the previous one for tickets that are still about, the
// next one because another worker may have it already. Bounded by KEYS_MAX. Makes no keys that are
// shared: the control plane does, and changes them.

import { assert } from "../assert.ts";
import { mapMemory } from "../linux/native-memory.ts";
import {
  BIO_ctrl,
  BIO_free,
  BIO_new_mem_buf,
  BIO_read,
  type Callback,
  CRYPTO_memcmp,
  EVP_aes_256_cbc,
  EVP_DecryptInit_ex,
  EVP_EncryptInit_ex,
  EVP_MAC_init,
  makeCallback,
  RAND_bytes,
  requireOpenSsl,
  SSL_version,
} from "./libssl.ts";
import { BIO_CTRL_RESET, TLS1_3_VERSION } from "./ssl-constants.ts";

/** Bytes of one key. */
export const TICKET_KEY_SIZE = 80;
const NAME_SIZE = 16;
const MAC_KEY_AT = 16;
const MAC_KEY_SIZE = 32;
const CIPHER_KEY_AT = 48;
const IV_SIZE = 16;
const KEYS_MAX = 8;

// What the callback answers (SSL_CTX_set_tlsext_ticket_key_evp_cb).
const FAILED = -1;
const UNKNOWN = 0;
const DONE = 1;
/** Opened, and to be replaced by a ticket of the first key. */
const RENEW = 2;

// OSSL_PARAM { const char *key; unsigned type; void *data; size_t data_size, return_size; }, twice:
// the digest of the HMAC, and the end.
const PARAM_SIZE = 40;
const PARAM_UTF8_STRING = 4;
const PARAMS_AT = 0;
const PARAM_NAME_AT = 2 * PARAM_SIZE;
const PARAM_VALUE_AT = PARAM_NAME_AT + 16;
const KEYS_AT = 128;

type TicketCallback = "int ticket_key(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, int)";
const PROTOTYPE: TicketCallback =
  "int ticket_key(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t, int)";

/** The keys of one worker: made once, given to its contexts, alive as long as they are. */
export class TicketKeys {
  readonly #memory = mapMemory(KEYS_AT + KEYS_MAX * TICKET_KEY_SIZE);
  #nameBio = 0;
  #count = 0;
  #callback: Callback | null = null;

  /**
   * Replaces all keys, from the next handshake on. Without a call there is one of this worker's
   * own, so that clients can resume at least here.
   * @param keys TICKET_KEY_SIZE bytes each; the first one seals
   */
  useKeys(keys: readonly Uint8Array[]): void {
    assert(keys.length > 0 && keys.length <= KEYS_MAX, "there is a ticket key and not too many");
    for (const [index, key] of keys.entries()) {
      assert(key.length === TICKET_KEY_SIZE, "a ticket key has 80 bytes");
      this.#memory.bytes.set(key, KEYS_AT + index * TICKET_KEY_SIZE);
    }
    this.#count = keys.length;
    // A key that is gone opens nothing any more, for nobody who gets to see this memory either.
    this.#memory.bytes.fill(0, KEYS_AT + this.#count * TICKET_KEY_SIZE);
  }

  /** What SSL_CTX_set_tlsext_ticket_key_evp_cb is given. */
  get callbackAddress(): number {
    if (this.#callback === null) {
      requireOpenSsl();
      this.#writeParams();
      if (this.#count === 0) this.#makeKey();
      this.#nameBio = BIO_new_mem_buf(this.#memory.address + KEYS_AT, NAME_SIZE);
      this.#callback = makeCallback(PROTOTYPE, this.#onTicket.bind(this));
    }
    return this.#callback.address;
  }

  /** Once no context that was given them can have another handshake. */
  free(): void {
    this.#callback?.free();
    this.#callback = null;
    BIO_free(this.#nameBio);
    this.#memory.bytes.fill(0);
  }

  #onTicket(
    session: number,
    name: number,
    iv: number,
    cipher: number,
    mac: number,
    isSealing: number,
  ): number {
    if (isSealing === 1) return this.#seal(name, iv, cipher, mac);
    const opened = this.#open(name, iv, cipher, mac);
    // Clients of TLS 1.3 use a ticket once (RFC 8446, C.4) and are given the next one.
    return opened === DONE && SSL_version(session) === TLS1_3_VERSION ? RENEW : opened;
  }

  #seal(name: number, iv: number, cipher: number, mac: number): number {
    const address = this.#memory.address + KEYS_AT;
    const isReady =
      this.#copyName(name) &&
      RAND_bytes(iv, IV_SIZE) === 1 &&
      EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), 0, address + CIPHER_KEY_AT, iv) === 1 &&
      this.#beginMac(mac, address);
    return isReady ? DONE : FAILED;
  }

  #open(name: number, iv: number, cipher: number, mac: number): number {
    const index = this.#find(name);
    if (index < 0) return UNKNOWN;
    const address = this.#memory.address + KEYS_AT + index * TICKET_KEY_SIZE;
    const isReady =
      this.#beginMac(mac, address) &&
      EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), 0, address + CIPHER_KEY_AT, iv) === 1;
    if (!isReady) return FAILED;
    return index === 0 ? DONE : RENEW;
  }

  #beginMac(mac: number, key: number): boolean {
    const params = this.#memory.address + PARAMS_AT;
    return EVP_MAC_init(mac, key + MAC_KEY_AT, MAC_KEY_SIZE, params) === 1;
  }

  // A BIO over the first key's name: OpenSSL copies, so that no view of its memory is needed.
  #copyName(target: number): boolean {
    const isCopied = BIO_read(this.#nameBio, target, NAME_SIZE) === NAME_SIZE;
    BIO_ctrl(this.#nameBio, BIO_CTRL_RESET, 0, 0);
    return isCopied;
  }

  #find(name: number): number {
    for (let index = 0; index < this.#count; index++) {
      const address = this.#memory.address + KEYS_AT + index * TICKET_KEY_SIZE;
      if (CRYPTO_memcmp(name, address, NAME_SIZE) === 0) return index;
    }
    return -1;
  }

  #makeKey(): void {
    const made = RAND_bytes(this.#memory.address + KEYS_AT, TICKET_KEY_SIZE);
    assert(made === 1, "OpenSSL has random bytes");
    this.#count = 1;
  }

  #writeParams(): void {
    const { bytes, address } = this.#memory;
    const digest = "SHA256";
    writeText(bytes, PARAM_NAME_AT, "digest");
    writeText(bytes, PARAM_VALUE_AT, digest);
    const param = new DataView(bytes.buffer, PARAMS_AT, PARAM_SIZE);
    param.setBigUint64(0, BigInt(address + PARAM_NAME_AT), true);
    param.setUint32(8, PARAM_UTF8_STRING, true);
    param.setBigUint64(16, BigInt(address + PARAM_VALUE_AT), true);
    param.setBigUint64(24, BigInt(digest.length), true);
  }
}

function writeText(bytes: Uint8Array, at: number, text: string): void {
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
}
