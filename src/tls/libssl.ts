// Every OpenSSL function that Fairlead calls, declared once under OpenSSL's own name; what each
// does is in its manual page. The only file besides linux/libc.ts that knows koffi.
//
// OpenSSL comes with Node: its binary exports the functions, or is linked to a library that does.
// Pointers are numbers. Nothing is checked at import: `requireOpenSsl` says what is missing, and
// every way to a context goes through it. Functions that OpenSSL's headers make of others (macros)
// are made here in the same way.

import koffi from "koffi";

const program = koffi.load(null);

interface ValueOf {
  int: number;
  long: number;
  uint64_t: number;
  size_t: number;
  /** Any pointer; 0 is NULL. */
  uintptr_t: number;
  /** A C string, copied for the call. */
  str: string;
  void: undefined;
}

type Value<Type> = Type extends keyof ValueOf ? ValueOf[Type] : never;

type Values<List extends string> = List extends `${infer First}, ${infer Rest}`
  ? [Value<First>, ...Values<Rest>]
  : List extends "void"
    ? []
    : [Value<List>];

/** The type of a function, read from its prototype. */
type Native<Prototype extends string> =
  Prototype extends `${infer Result} ${string}(${infer Parameters})`
    ? (...values: Values<Parameters>) => Result extends "str" ? string | null : Value<Result>
    : never;

const missing: string[] = [];

function declare<const Prototype extends string>(prototype: Prototype): Native<Prototype> {
  try {
    return program.func(prototype) as unknown as Native<Prototype>;
  } catch {
    // Told by requireOpenSsl, all in one go; calling it before that is a fault of ours.
    missing.push(prototype.slice(prototype.indexOf(" ") + 1, prototype.indexOf("(")));
    return undefined as unknown as Native<Prototype>;
  }
}

/** 3.0.0, as OpenSSL_version_num gives it. */
const VERSION_MIN = 0x30000000;

/** Throws when this Node has no OpenSSL that can be called, and says what to do. */
export function requireOpenSsl(): void {
  const wrong = missing.length > 0 ? tellMissing() : tellOld();
  if (wrong === "") return;
  const remedy = "run Fairlead with a Node.js from nodejs.org or from your distribution";
  throw new Error(`Cannot use TLS: "${process.execPath}" ${wrong}; ${remedy}`);
}

function tellMissing(): string {
  const names = missing.slice(0, 3).join(", ") + (missing.length > 3 ? ", ..." : "");
  return `exports no functions of OpenSSL by the names of ${names} (${missing.length} in all)`;
}

function tellOld(): string {
  if (OpenSSL_version_num() >= VERSION_MIN) return "";
  return `has ${OpenSSL_version(0)} where OpenSSL 3.0 is needed`;
}

/** The memory at an address as an ArrayBuffer; nothing is copied and nothing is freed with it. */
export function viewOf(address: number, length: number): ArrayBuffer {
  return koffi.view(BigInt(address), length);
}

/** A function of ours that OpenSSL calls, from inside a call of ours. */
export interface Callback {
  /** What OpenSSL is given. */
  readonly address: number;
  /** After that OpenSSL must not call it any more. */
  free(): void;
}

// koffi wants each named type once.
const callbackTypes = new Map<string, ReturnType<typeof koffi.pointer>>();

/**
 * Bounded by koffi: 8192 callbacks at a time. One that throws gives OpenSSL 0.
 * @param prototype the function's type in C, with all pointers as uintptr_t
 */
export function makeCallback<const Prototype extends string>(
  prototype: Prototype,
  callback: Native<Prototype>,
): Callback {
  const type = callbackTypes.get(prototype) ?? koffi.pointer(koffi.proto(prototype));
  callbackTypes.set(prototype, type);
  const registered = koffi.register(callback, type);
  return { address: Number(registered), free: () => koffi.unregister(registered) };
}

// The library
export const OpenSSL_version = declare("str OpenSSL_version(int)");
export const OpenSSL_version_num = declare("uint64_t OpenSSL_version_num(void)");
export const CRYPTO_free = declare("void CRYPTO_free(uintptr_t, str, int)");
export const CRYPTO_memcmp = declare("int CRYPTO_memcmp(uintptr_t, uintptr_t, size_t)");
export const CRYPTO_memdup = declare("uintptr_t CRYPTO_memdup(uintptr_t, size_t, str, int)");
export const RAND_bytes = declare("int RAND_bytes(uintptr_t, int)");

// Errors
export const ERR_clear_error = declare("void ERR_clear_error(void)");
export const ERR_get_error = declare("uint64_t ERR_get_error(void)");
export const ERR_peek_error = declare("uint64_t ERR_peek_error(void)");
export const ERR_reason_error_string = declare("str ERR_reason_error_string(uint64_t)");

// Bytes in and out
export const BIO_new = declare("uintptr_t BIO_new(uintptr_t)");
export const BIO_new_mem_buf = declare("uintptr_t BIO_new_mem_buf(uintptr_t, int)");
export const BIO_s_mem = declare("uintptr_t BIO_s_mem(void)");
export const BIO_puts = declare("int BIO_puts(uintptr_t, str)");
export const BIO_read = declare("int BIO_read(uintptr_t, uintptr_t, int)");
export const BIO_ctrl = declare("long BIO_ctrl(uintptr_t, int, long, uintptr_t)");
export const BIO_up_ref = declare("int BIO_up_ref(uintptr_t)");
export const BIO_free = declare("int BIO_free(uintptr_t)");

// Contexts
export const TLS_method = declare("uintptr_t TLS_method(void)");
export const SSL_CTX_new = declare("uintptr_t SSL_CTX_new(uintptr_t)");
export const SSL_CTX_free = declare("void SSL_CTX_free(uintptr_t)");
export const SSL_CTX_ctrl = declare("long SSL_CTX_ctrl(uintptr_t, int, long, uintptr_t)");
export const SSL_CTX_callback_ctrl = declare(
  "long SSL_CTX_callback_ctrl(uintptr_t, int, uintptr_t)",
);
export const SSL_CTX_set_options = declare("uint64_t SSL_CTX_set_options(uintptr_t, uint64_t)");
export const SSL_CTX_set_cipher_list = declare("int SSL_CTX_set_cipher_list(uintptr_t, str)");
export const SSL_CTX_set_ciphersuites = declare("int SSL_CTX_set_ciphersuites(uintptr_t, str)");
export const SSL_CTX_set_num_tickets = declare("int SSL_CTX_set_num_tickets(uintptr_t, size_t)");
export const SSL_CTX_set_timeout = declare("long SSL_CTX_set_timeout(uintptr_t, long)");
export const SSL_CTX_use_certificate = declare("int SSL_CTX_use_certificate(uintptr_t, uintptr_t)");
export const SSL_CTX_use_PrivateKey = declare("int SSL_CTX_use_PrivateKey(uintptr_t, uintptr_t)");
export const SSL_CTX_get0_param = declare("uintptr_t SSL_CTX_get0_param(uintptr_t)");
export const SSL_CTX_set_verify = declare("void SSL_CTX_set_verify(uintptr_t, int, uintptr_t)");
export const SSL_CTX_set_verify_depth = declare("void SSL_CTX_set_verify_depth(uintptr_t, int)");
export const SSL_CTX_set1_cert_store = declare(
  "void SSL_CTX_set1_cert_store(uintptr_t, uintptr_t)",
);
export const SSL_CTX_add_client_CA = declare("int SSL_CTX_add_client_CA(uintptr_t, uintptr_t)");
export const SSL_CTX_set_session_id_context = declare(
  "int SSL_CTX_set_session_id_context(uintptr_t, uintptr_t, int)",
);
export const SSL_CTX_set_alpn_protos = declare(
  "int SSL_CTX_set_alpn_protos(uintptr_t, uintptr_t, int)",
);
export const SSL_CTX_set_alpn_select_cb = declare(
  "void SSL_CTX_set_alpn_select_cb(uintptr_t, uintptr_t, uintptr_t)",
);
export const SSL_CTX_set_tlsext_ticket_key_evp_cb = declare(
  "int SSL_CTX_set_tlsext_ticket_key_evp_cb(uintptr_t, uintptr_t)",
);
export const SSL_CTX_sess_set_new_cb = declare(
  "void SSL_CTX_sess_set_new_cb(uintptr_t, uintptr_t)",
);

// Sessions
export const SSL_new = declare("uintptr_t SSL_new(uintptr_t)");
export const SSL_free = declare("void SSL_free(uintptr_t)");
export const SSL_ctrl = declare("long SSL_ctrl(uintptr_t, int, long, uintptr_t)");
export const SSL_set_bio = declare("void SSL_set_bio(uintptr_t, uintptr_t, uintptr_t)");
export const SSL_set_accept_state = declare("void SSL_set_accept_state(uintptr_t)");
export const SSL_set_connect_state = declare("void SSL_set_connect_state(uintptr_t)");
export const SSL_do_handshake = declare("int SSL_do_handshake(uintptr_t)");
export const SSL_is_init_finished = declare("int SSL_is_init_finished(uintptr_t)");
export const SSL_read = declare("int SSL_read(uintptr_t, uintptr_t, int)");
export const SSL_write = declare("int SSL_write(uintptr_t, uintptr_t, int)");
export const SSL_shutdown = declare("int SSL_shutdown(uintptr_t)");
export const SSL_set_shutdown = declare("void SSL_set_shutdown(uintptr_t, int)");
export const SSL_get_error = declare("int SSL_get_error(uintptr_t, int)");
export const SSL_get_SSL_CTX = declare("uintptr_t SSL_get_SSL_CTX(uintptr_t)");
export const SSL_get_version = declare("str SSL_get_version(uintptr_t)");
export const SSL_version = declare("int SSL_version(uintptr_t)");
export const SSL_get_current_cipher = declare("uintptr_t SSL_get_current_cipher(uintptr_t)");
export const SSL_CIPHER_get_name = declare("str SSL_CIPHER_get_name(uintptr_t)");
export const SSL_get0_alpn_selected = declare(
  "void SSL_get0_alpn_selected(uintptr_t, uintptr_t, uintptr_t)",
);
export const SSL_select_next_proto = declare(
  "int SSL_select_next_proto(uintptr_t, uintptr_t, uintptr_t, int, uintptr_t, int)",
);
export const SSL_get_servername = declare("str SSL_get_servername(uintptr_t, int)");
export const SSL_session_reused = declare("int SSL_session_reused(uintptr_t)");
export const SSL_get_verify_result = declare("long SSL_get_verify_result(uintptr_t)");
export const SSL_get0_peer_certificate = declare("uintptr_t SSL_get0_peer_certificate(uintptr_t)");
export const SSL_get_certificate = declare("uintptr_t SSL_get_certificate(uintptr_t)");
export const SSL_set_session = declare("int SSL_set_session(uintptr_t, uintptr_t)");
export const SSL_SESSION_dup = declare("uintptr_t SSL_SESSION_dup(uintptr_t)");
export const SSL_SESSION_free = declare("void SSL_SESSION_free(uintptr_t)");

// Certificates, keys and revocation lists
export const PEM_read_bio_X509 = declare(
  "uintptr_t PEM_read_bio_X509(uintptr_t, uintptr_t, uintptr_t, str)",
);
export const PEM_read_bio_X509_CRL = declare(
  "uintptr_t PEM_read_bio_X509_CRL(uintptr_t, uintptr_t, uintptr_t, str)",
);
export const PEM_read_bio_PrivateKey = declare(
  "uintptr_t PEM_read_bio_PrivateKey(uintptr_t, uintptr_t, uintptr_t, str)",
);
export const EVP_PKEY_free = declare("void EVP_PKEY_free(uintptr_t)");
export const EVP_PKEY_get_base_id = declare("int EVP_PKEY_get_base_id(uintptr_t)");
export const EVP_PKEY_get_bits = declare("int EVP_PKEY_get_bits(uintptr_t)");
export const X509_free = declare("void X509_free(uintptr_t)");
export const X509_CRL_free = declare("void X509_CRL_free(uintptr_t)");
export const X509_check_issued = declare("int X509_check_issued(uintptr_t, uintptr_t)");
export const X509_check_private_key = declare("int X509_check_private_key(uintptr_t, uintptr_t)");
export const X509_digest = declare("int X509_digest(uintptr_t, uintptr_t, uintptr_t, uintptr_t)");
export const X509_get0_pubkey = declare("uintptr_t X509_get0_pubkey(uintptr_t)");
export const X509_get0_notAfter = declare("uintptr_t X509_get0_notAfter(uintptr_t)");
export const X509_get0_serialNumber = declare("uintptr_t X509_get0_serialNumber(uintptr_t)");
export const X509_get_signature_nid = declare("int X509_get_signature_nid(uintptr_t)");
export const X509_get_subject_name = declare("uintptr_t X509_get_subject_name(uintptr_t)");
export const X509_get_issuer_name = declare("uintptr_t X509_get_issuer_name(uintptr_t)");
export const X509_get_version = declare("long X509_get_version(uintptr_t)");
export const X509_get0_notBefore = declare("uintptr_t X509_get0_notBefore(uintptr_t)");
export const EVP_sha1 = declare("uintptr_t EVP_sha1(void)");
export const X509_CRL_get_issuer = declare("uintptr_t X509_CRL_get_issuer(uintptr_t)");
export const X509_get_ext_d2i = declare(
  "uintptr_t X509_get_ext_d2i(uintptr_t, int, uintptr_t, uintptr_t)",
);
export const X509_verify_cert_error_string = declare("str X509_verify_cert_error_string(long)");

// Names in them
export const X509_NAME_cmp = declare("int X509_NAME_cmp(uintptr_t, uintptr_t)");
export const X509_NAME_get_index_by_NID = declare(
  "int X509_NAME_get_index_by_NID(uintptr_t, int, int)",
);
export const X509_NAME_entry_count = declare("int X509_NAME_entry_count(uintptr_t)");
export const X509_NAME_get_entry = declare("uintptr_t X509_NAME_get_entry(uintptr_t, int)");
export const X509_NAME_ENTRY_get_data = declare("uintptr_t X509_NAME_ENTRY_get_data(uintptr_t)");
export const X509_NAME_ENTRY_get_object = declare(
  "uintptr_t X509_NAME_ENTRY_get_object(uintptr_t)",
);
export const OBJ_obj2nid = declare("int OBJ_obj2nid(uintptr_t)");
export const OBJ_nid2sn = declare("str OBJ_nid2sn(int)");
export const OBJ_obj2txt = declare("int OBJ_obj2txt(uintptr_t, int, uintptr_t, int)");
export const ASN1_STRING_to_UTF8 = declare("int ASN1_STRING_to_UTF8(uintptr_t, uintptr_t)");
export const ASN1_STRING_get0_data = declare("uintptr_t ASN1_STRING_get0_data(uintptr_t)");
export const ASN1_STRING_length = declare("int ASN1_STRING_length(uintptr_t)");
export const ASN1_TIME_to_tm = declare("int ASN1_TIME_to_tm(uintptr_t, uintptr_t)");
export const GENERAL_NAME_get0_value = declare(
  "uintptr_t GENERAL_NAME_get0_value(uintptr_t, uintptr_t)",
);
export const GENERAL_NAMES_free = declare("void GENERAL_NAMES_free(uintptr_t)");
export const OPENSSL_sk_num = declare("int OPENSSL_sk_num(uintptr_t)");
export const OPENSSL_sk_value = declare("uintptr_t OPENSSL_sk_value(uintptr_t, int)");

// Verification
export const X509_STORE_new = declare("uintptr_t X509_STORE_new(void)");
export const X509_STORE_free = declare("void X509_STORE_free(uintptr_t)");
export const X509_STORE_add_cert = declare("int X509_STORE_add_cert(uintptr_t, uintptr_t)");
export const X509_STORE_add_crl = declare("int X509_STORE_add_crl(uintptr_t, uintptr_t)");
export const X509_STORE_set_flags = declare("int X509_STORE_set_flags(uintptr_t, uint64_t)");
export const X509_VERIFY_PARAM_set1_host = declare(
  "int X509_VERIFY_PARAM_set1_host(uintptr_t, str, size_t)",
);
export const X509_VERIFY_PARAM_set1_ip_asc = declare(
  "int X509_VERIFY_PARAM_set1_ip_asc(uintptr_t, str)",
);
export const X509_VERIFY_PARAM_set_hostflags = declare(
  "void X509_VERIFY_PARAM_set_hostflags(uintptr_t, int)",
);

// Encryption of tickets
export const EVP_aes_256_cbc = declare("uintptr_t EVP_aes_256_cbc(void)");
export const EVP_sha256 = declare("uintptr_t EVP_sha256(void)");
export const EVP_EncryptInit_ex = declare(
  "int EVP_EncryptInit_ex(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t)",
);
export const EVP_DecryptInit_ex = declare(
  "int EVP_DecryptInit_ex(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t)",
);
export const EVP_MAC_init = declare("int EVP_MAC_init(uintptr_t, uintptr_t, size_t, uintptr_t)");
