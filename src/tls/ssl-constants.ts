// Numbers of OpenSSL's headers: ssl.h, sslerr.h, tls1.h, bio.h, x509_vfy.h, obj_mac.h. The same in
// all versions of OpenSSL 3. Only those that are used.

// What SSL_CTX_ctrl and SSL_ctrl are asked
export const SSL_CTRL_MODE = 33;
export const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
export const SSL_CTRL_SET_MAX_CERT_LIST = 51;
export const SSL_CTRL_SET_TLSEXT_HOSTNAME = 55;
export const SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB = 63;
export const SSL_CTRL_SET_TLSEXT_STATUS_REQ_CB_ARG = 64;
export const SSL_CTRL_SET_TLSEXT_STATUS_REQ_OCSP_RESP = 71;
export const SSL_CTRL_CHAIN_CERT = 89;
export const SSL_CTRL_SET_GROUPS_LIST = 92;
export const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
export const SSL_CTRL_SET_MAX_PROTO_VERSION = 124;

export const SSL_MODE_RELEASE_BUFFERS = 0x10;
export const SSL_MODE_NO_AUTO_CHAIN = 0x8;

export const SSL_OP_NO_TICKET = 2 ** 14;
export const SSL_OP_NO_COMPRESSION = 2 ** 17;
export const SSL_OP_PRIORITIZE_CHACHA = 2 ** 21;
export const SSL_OP_CIPHER_SERVER_PREFERENCE = 2 ** 22;
export const SSL_OP_NO_RENEGOTIATION = 2 ** 30;

export const SSL_SESS_CACHE_OFF = 0;
export const SSL_SESS_CACHE_CLIENT = 0x1;
export const SSL_SESS_CACHE_NO_INTERNAL = 0x300;

export const SSL_VERIFY_PEER = 1;
export const SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;

export const TLS1_2_VERSION = 0x0303;
export const TLS1_3_VERSION = 0x0304;

// What SSL_get_error says
export const SSL_ERROR_WANT_READ = 2;
export const SSL_ERROR_ZERO_RETURN = 6;

/** Both directions have ended, as far as SSL_set_shutdown goes. */
export const SSL_SENT_AND_RECEIVED_SHUTDOWN = 3;

export const TLSEXT_NAMETYPE_HOST_NAME = 0;

// What callbacks answer
export const SSL_TLSEXT_ERR_OK = 0;
export const SSL_TLSEXT_ERR_NOACK = 3;

// How an error code is put together
export const ERR_LIB_OFFSET = 23;
export const ERR_LIB_MASK = 0xff;
export const ERR_REASON_MASK = 0x7fffff;
export const ERR_LIB_SSL = 20;

// Reasons of ERR_LIB_SSL
export const SSL_R_NO_SUITABLE_KEY_SHARE = 101;
export const SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM = 118;
export const SSL_R_CERTIFICATE_VERIFY_FAILED = 134;
export const SSL_R_ENCRYPTED_LENGTH_TOO_LONG = 150;
export const SSL_R_HTTP_REQUEST = 156;
export const SSL_R_NO_PROTOCOLS_AVAILABLE = 191;
export const SSL_R_NO_SHARED_CIPHER = 193;
export const SSL_R_PACKET_LENGTH_TOO_LONG = 198;
export const SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE = 199;
export const SSL_R_UNKNOWN_PROTOCOL = 252;
export const SSL_R_UNSUPPORTED_PROTOCOL = 258;
export const SSL_R_WRONG_VERSION_NUMBER = 267;
export const SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC = 281;
export const SSL_R_NO_SUITABLE_GROUPS = 295;
export const SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS = 376;
export const SSL_R_VERSION_TOO_LOW = 396;
export const SSL_R_NO_SHARED_GROUPS = 410;
export const SSL_R_BAD_RECORD_TYPE = 443;
/** An alert of the peer is this reason plus the number of the alert. */
export const SSL_AD_REASON_OFFSET = 1000;

// What SSL_get_verify_result says
export const X509_V_OK = 0;
export const X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT = 2;
export const X509_V_ERR_UNABLE_TO_GET_CRL = 3;
export const X509_V_ERR_CRL_SIGNATURE_FAILURE = 8;
export const X509_V_ERR_CERT_NOT_YET_VALID = 9;
export const X509_V_ERR_CERT_HAS_EXPIRED = 10;
export const X509_V_ERR_CRL_NOT_YET_VALID = 11;
export const X509_V_ERR_CRL_HAS_EXPIRED = 12;
export const X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT = 18;
export const X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN = 19;
export const X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY = 20;
export const X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE = 21;
export const X509_V_ERR_CERT_REVOKED = 23;
export const X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER = 33;
export const X509_V_ERR_HOSTNAME_MISMATCH = 62;
export const X509_V_ERR_IP_ADDRESS_MISMATCH = 64;

export const X509_V_FLAG_CRL_CHECK = 0x4;
export const X509_V_FLAG_CRL_CHECK_ALL = 0x8;
export const X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS = 0x4;

// What BIO_ctrl is asked
export const BIO_CTRL_RESET = 1;
export const BIO_C_GET_BUF_MEM_PTR = 115;
export const BIO_C_SET_BUF_MEM_EOF_RETURN = 130;

export const NID_COMMON_NAME = 13;
export const NID_SUBJECT_ALT_NAME = 85;
export const EVP_PKEY_RSA = 6;
export const EVP_PKEY_EC = 408;
export const EVP_PKEY_RSA_PSS = 912;

// Kinds of GENERAL_NAME
export const GEN_EMAIL = 1;
export const GEN_DNS = 2;
export const GEN_URI = 6;
export const GEN_IPADD = 7;
