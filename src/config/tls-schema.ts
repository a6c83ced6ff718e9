// The keys of TLS in fairlead.yaml: where it ends (a listener), where it begins (a pool), and what
// all listeners share.
//
// One row a key, as in schema.ts, which puts these sections where they belong. What the files hold
// is judged by tls-rules.ts.

import * as z from "zod";
import { TICKET_KEYS_MAX } from "../certificates/ticket-key-files.ts";
import {
  asItem,
  choice,
  count,
  duration,
  flag,
  optional,
  required,
  section,
  text,
  withDefault,
} from "./field.ts";
import { file, texts } from "./transport-field.ts";

/** TLS 1.2 with forward secrecy and authenticated encryption, and nothing else. */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

// YAML reads an unquoted 1.2 as a number.
const version = {
  schema: z
    .union([z.enum(["1.2", "1.3"]), z.literal(1.2), z.literal(1.3)])
    .transform((written) => String(written) as "1.2" | "1.3"),
  kind: "choice",
  expected: "one of 1.2, 1.3",
  bounds: "1.2, 1.3",
  choices: ["1.2", "1.3"],
} as const;

const list = (expected: string) => text({ max: 4096, pattern: /^[!-~]+$/, expected });
const cipherList = () => list("names of OpenSSL with : between them");

const versionAndCiphers = {
  minVersion: withDefault(version, {
    value: "1.2",
    takesEffect: "drain",
    doc: "The lowest version of TLS that is spoken.",
  }),
  maxVersion: withDefault(version, {
    value: "1.3",
    takesEffect: "drain",
    doc: "The highest version of TLS that is spoken.",
  }),
  ciphers: withDefault(cipherList(), {
    value: CIPHERS,
    takesEffect: "drain",
    doc: "Ciphers of TLS 1.2, by preference, as `openssl ciphers` writes them.",
  }),
  cipherSuites: optional(cipherList(), {
    fallback: "OpenSSL's own",
    takesEffect: "drain",
    doc: "Cipher suites of TLS 1.3, by preference: `TLS_AES_128_GCM_SHA256:...`.",
  }),
  alpn: withDefault(
    texts({ max: 16, pattern: /^[!-~]{1,255}$/, expected: "a list of protocols such as [mqtt]" }),
    {
      value: [],
      takesEffect: "drain",
      doc: "Protocols for ALPN, by preference; an empty list leaves ALPN alone.",
    },
  ),
} as const;

const certificateSection = section({
  certificate: optional(file(), {
    fallback: "none",
    takesEffect: "live",
    doc: "PEM: the certificate, then its issuers in order; the key too, without `key`.",
  }),
  key: optional(file(), {
    fallback: "in the certificate's file",
    takesEffect: "live",
    doc: "PEM: the private key, not encrypted.",
  }),
  ocsp: optional(file("the path of a DER file"), {
    fallback: "none",
    takesEffect: "live",
    doc: "An OCSP response that is stapled, as `openssl ocsp -respout` writes it.",
  }),
  directory: optional(file("the path of a directory"), {
    fallback: "none",
    takesEffect: "live",
    doc:
      "Instead of `certificate`: every .pem and .crt file of a directory, by name, with the key " +
      "in it or beside it (`a.key`, `a.pem.key`) and an OCSP response (`a.ocsp`, `a.pem.ocsp`).",
  }),
});

const shortCertificate = file().schema.transform((path) =>
  certificateSection.schema.parse({ certificate: path }),
);

const certificate = asItem(
  {
    schema: z.union([shortCertificate, certificateSection.schema]),
    kind: "file",
    expected: "a PEM file, or a mapping with the key certificate or directory",
  },
  { takesEffect: "live", doc: "One certificate." },
);

const certificates = {
  schema: z.array(certificate).min(1),
  kind: "file",
  expected: "a list with at least one PEM file, such as [/etc/fairlead/server.pem]",
} as const;

const clientCertificate = section({
  mode: withDefault(choice(["required", "optional", "none"]), {
    value: "required",
    takesEffect: "drain",
    doc:
      "`required` ends handshakes of clients without a certificate; `optional` lets them in; a " +
      "certificate that is shown must be good either way. `none` asks for none.",
  }),
  authorities: optional(file(), {
    fallback: "none",
    takesEffect: "live",
    doc: "PEM bundle of the authorities that sign clients' certificates.",
  }),
  revoked: optional(file(), {
    fallback: "none",
    takesEffect: "live",
    doc:
      "PEM bundle of revocation lists: one of each authority in the chain, or its clients are " +
      "refused.",
  }),
  depth: withDefault(count({ min: 0, max: 20 }), {
    value: 4,
    takesEffect: "drain",
    doc: "Certificates between a client's own and that of the authority, at most.",
  }),
});

const ticketKeyFiles = {
  schema: z.array(file("the path of a file").schema).max(TICKET_KEYS_MAX),
  kind: "file",
  expected: `a list of at most ${TICKET_KEYS_MAX} files, such as [/etc/fairlead/tickets.keys]`,
} as const;

/** What all listeners with TLS share. */
export const sharedTlsSchema = section({
  ticketKeys: withDefault(ticketKeyFiles, {
    value: [],
    takesEffect: "live",
    doc:
      "Files with the keys of session tickets, for machines that resume each other's sessions: " +
      "80 bytes, as `openssl rand 80` makes them, or lines of base64, of which the last three " +
      "count and the last but one seals. Of several files the first one's key seals; all open. " +
      "Changed files are read again at once. docs/high-availability.md has more.",
  }),
  ticketRotation: withDefault(duration({ min: "1s", max: "7d" }), {
    value: "12h",
    takesEffect: "restart",
    doc:
      "How long a key encrypts session tickets, for all workers; tickets of the two keys before " +
      "it are still taken. Without `ticketKeys`.",
  }),
});

export const listenerTlsSchema = section({
  certificates: required(certificates, {
    takesEffect: "live",
    doc:
      "The server's certificates, as PEM files or mappings; clients get the one for the name " +
      "that they ask for, or else the first. Changed files are read again at once.",
    placeholder: ["placeholder.pem"],
  }),
  strictServerName: withDefault(flag(), {
    value: false,
    takesEffect: "drain",
    doc: "Whether clients that ask for no name, or for an unknown one, are refused.",
  }),
  ...versionAndCiphers,
  groups: optional(list("names of OpenSSL with : between them, such as X25519:P-256"), {
    fallback: "OpenSSL's own",
    takesEffect: "drain",
    doc: "Groups for the key exchange, by preference.",
  }),
  clientCertificate: optional(clientCertificate, {
    fallback: "none is asked for",
    takesEffect: "drain",
    doc: "Certificates of clients: mutual TLS.",
  }),
  handshakeDeadline: withDefault(duration({ min: "100ms", max: "10m" }), {
    value: "15s",
    takesEffect: "drain",
    doc: "Time that a client has until its handshake is complete.",
  }),
  tickets: withDefault(flag(), {
    value: true,
    takesEffect: "drain",
    doc: "Whether clients may resume sessions, which costs far less than a whole handshake.",
  }),
});

export const serverTlsSchema = section({
  verify: withDefault(choice(["required", "none"]), {
    value: "required",
    takesEffect: "drain",
    doc: "`required`: the server's certificate must be good and for `serverName`.",
  }),
  authorities: optional(file("the path of a PEM file, or system"), {
    fallback: "system",
    takesEffect: "live",
    doc:
      "PEM bundle of the authorities that sign servers' certificates; `system`: those that " +
      "Node.js brings.",
  }),
  serverName: optional(
    text({
      max: 253,
      pattern: /^[A-Za-z0-9._:-]+$/,
      expected: "a host name, or an IP address",
    }),
    {
      fallback: "the host of the server's address",
      takesEffect: "drain",
      doc: "The name in the server's certificate, and the one that is asked for by SNI.",
    },
  ),
  certificate: optional(file(), {
    fallback: "none",
    takesEffect: "live",
    doc: "Our own certificate, where servers ask for one: PEM, with its chain.",
  }),
  key: optional(file(), {
    fallback: "in the certificate's file",
    takesEffect: "live",
    doc: "PEM: its private key.",
  }),
  ...versionAndCiphers,
});
