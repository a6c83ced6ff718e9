// Every directive of TLS, on both sides: where it ends here and where it begins here.

import { type DirectiveTable, honoured, noticed, refused, tableOf } from "../directive-row.ts";
import { count, flag, oneOf, time, words } from "../grammar.ts";

const PASSWORDS = "opens keys that are encrypted; Fairlead takes keys without a password";
const COMMANDS = "sets what OpenSSL calls commands";
const SESSIONS = "is about sessions in memory; clients resume by tickets, see tls.ticketRotation";
const OPENSSL = "is left to OpenSSL";
const ASKS = "asks a server of the authority";

const CLIENT_SIDE = [
  honoured("ssl_certificate", "sv", words(1, 1), { isList: true }),
  honoured("ssl_certificate_key", "sv", words(1, 1), { isList: true }),
  honoured("ssl_protocols", "sv", words(1)),
  honoured("ssl_ciphers", "sv", words(1, 1)),
  honoured("ssl_ecdh_curve", "sv", words(1, 1)),
  honoured("ssl_client_certificate", "sv", words(1, 1)),
  honoured("ssl_trusted_certificate", "sv", words(1, 1)),
  honoured("ssl_verify_client", "sv", oneOf("off", "on", "optional", "optional_no_ca")),
  honoured("ssl_verify_depth", "sv", count),
  honoured("ssl_crl", "sv", words(1, 1)),
  honoured("ssl_session_tickets", "sv", flag),
  honoured("ssl_session_ticket_key", "sv", words(1, 1), { isList: true }),
  honoured("ssl_handshake_timeout", "sv", time),
  honoured("ssl_alpn", "sv", words(1)),
  honoured("ssl_stapling_file", "sv", words(1, 1)),
  honoured("ssl_reject_handshake", "sv", flag),
  ...noticed("ssl_session_cache ssl_session_timeout ssl_certificate_cache", "sv", SESSIONS),
  ...noticed("ssl_prefer_server_ciphers ssl_dhparam ssl_certificate_compression", "sv", OPENSSL),
  ...refused("ssl_password_file", "sv", PASSWORDS),
  ...refused("ssl_conf_command", "sv", COMMANDS),
  ...refused("ssl_ech_file", "sv", "encrypts the hello of TLS"),
  ...refused(
    "ssl_stapling ssl_stapling_verify ssl_ocsp",
    "sv",
    `${ASKS}; ssl_stapling_file does not`,
    {
      harmless: "off",
    },
  ),
  ...refused("ssl_stapling_responder ssl_ocsp_responder", "sv", ASKS),
  ...refused("ssl_ocsp_cache", "sv", ASKS, { harmless: "off" }),
];

const SERVER_SIDE = [
  honoured("proxy_ssl", "sv", flag),
  honoured("proxy_ssl_verify", "sv", flag),
  honoured("proxy_ssl_name", "sv", words(1, 1)),
  honoured("proxy_ssl_server_name", "sv", flag),
  honoured("proxy_ssl_protocols", "sv", words(1)),
  honoured("proxy_ssl_ciphers", "sv", words(1, 1)),
  honoured("proxy_ssl_trusted_certificate", "sv", words(1, 1)),
  honoured("proxy_ssl_certificate", "sv", words(1, 1)),
  honoured("proxy_ssl_certificate_key", "sv", words(1, 1)),
  honoured("proxy_ssl_alpn", "sv", words(1)),
  ...noticed("proxy_ssl_session_reuse proxy_ssl_certificate_cache", "sv", OPENSSL),
  ...noticed("proxy_ssl_verify_depth", "sv", OPENSSL),
  ...refused("proxy_ssl_crl", "sv", "looks up which servers' certificates were revoked"),
  ...refused("proxy_ssl_password_file", "sv", PASSWORDS),
  ...refused("proxy_ssl_conf_command", "sv", COMMANDS),
];

export const TLS_DIRECTIVES: DirectiveTable = tableOf([...CLIENT_SIDE, ...SERVER_SIDE]);
