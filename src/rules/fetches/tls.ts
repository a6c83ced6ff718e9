// Fetches about TLS that ends here (`ssl_fc`, `ssl_c`), and about a ClientHello that only passes
// (`req.ssl_sni`). Pure.

import { byteTextOf, toByteText } from "../byte-text.ts";
import { type Evaluator, type FetchRow, fetchRows } from "../catalogue-row.ts";
import type { CertificateDetails, NameEntry, Subject, TlsFacts } from "../subject.ts";
import {
  ABSENT,
  type Answer,
  binaryValue,
  booleanValue,
  integerValue,
  NOT_YET,
  textValue,
} from "../value.ts";

const stage = "tls" as const;
const type = "text" as const;

const ofSession = (ask: (tls: TlsFacts) => Answer): (() => Evaluator) => {
  return () => (subject) => (subject.tls === null ? ABSENT : ask(subject.tls));
};
const ofCertificate = (ask: (certificate: CertificateDetails) => Answer): (() => Evaluator) => {
  return ofSession(({ certificate }) => (certificate === null ? ABSENT : ask(certificate)));
};
const textOrAbsent = (text: string | null): Answer =>
  text === null || text === "" ? ABSENT : textValue(toByteText(text));
const bytesValue = (bytes: Uint8Array): Answer => binaryValue(byteTextOf(bytes, 0, bytes.length));

const distinguishedName = (
  doc: string,
  entriesOf: (certificate: CertificateDetails) => readonly NameEntry[],
) => ({
  args: "entry:text? occurrence:integer?",
  type,
  stage,
  doc,
  compile: (call: { text(index: number): string; integer(index: number, or: number): number }) => {
    const entry = call.text(0).toUpperCase();
    const occurrence = call.integer(1, 1);
    return ofCertificate((certificate) => nameAnswer(entriesOf(certificate), entry, occurrence))();
  },
});

const helloName: Omit<FetchRow, "name" | "args"> = {
  type,
  stage: "accept",
  doc: "server name that a ClientHello asks for, on a listener that does not end TLS",
  compile: () => (subject) => {
    if (subject.hello?.state === "waiting") return stillWaiting(subject);
    return textOrAbsent(subject.hello?.serverName ?? null);
  },
  method: "str",
};
const helloType: Omit<FetchRow, "name" | "args"> = {
  type: "integer",
  stage: "accept",
  doc: "1 for a ClientHello, 0 for something else",
  compile: () => (subject) => {
    if (subject.hello === null) return ABSENT;
    if (subject.hello.state === "waiting") return stillWaiting(subject);
    return integerValue(subject.hello.state === "seen" ? 1 : 0);
  },
};

export const TLS_FETCHES: readonly FetchRow[] = fetchRows({
  ssl_fc: {
    type: "boolean",
    stage,
    doc: "whether TLS ends here",
    compile: () => (subject) => booleanValue(subject.tls !== null),
  },
  ssl_fc_sni: {
    ...{ type, stage, doc: "server name that the client asked for" },
    compile: ofSession(({ serverName }) => textOrAbsent(serverName)),
  },
  ssl_fc_has_sni: {
    ...{ type: "boolean", stage, doc: "whether the client named a server" },
    compile: ofSession(({ serverName }) => booleanValue(serverName !== null)),
  },
  ssl_fc_protocol: {
    ...{ type, stage, doc: "version, as `TLSv1.3`" },
    compile: ofSession(({ protocol }) => textOrAbsent(protocol)),
  },
  ssl_fc_cipher: {
    ...{ type, stage, doc: "cipher suite" },
    compile: ofSession(({ cipher }) => textOrAbsent(cipher)),
  },
  ssl_fc_alpn: {
    ...{ type, stage, doc: "protocol agreed by ALPN" },
    compile: ofSession(({ alpn }) => textOrAbsent(alpn)),
  },
  ssl_fc_has_crt: {
    ...{ type: "boolean", stage, doc: "whether the client sent a certificate" },
    compile: ofSession(({ certificate }) => booleanValue(certificate !== null)),
  },
  ssl_c_used: {
    ...{ type: "boolean", stage, doc: "whether the client sent a certificate" },
    compile: ofSession(({ certificate }) => booleanValue(certificate !== null)),
  },
  ssl_c_verify: {
    ...{ type: "integer", stage, doc: "OpenSSL's result of verifying it; 0 is good" },
    compile: ofSession(({ verifyResult }) => integerValue(verifyResult)),
  },
  ssl_c_version: {
    ...{ type: "integer", stage, doc: "version of the client's certificate" },
    compile: ofCertificate(({ version }) => integerValue(version)),
  },
  ssl_c_s_dn: distinguishedName("subject of the client's certificate, or one entry of it", (of) => {
    return of.subject;
  }),
  ssl_c_i_dn: distinguishedName("issuer of the client's certificate, or one entry of it", (of) => {
    return of.issuer;
  }),
  ssl_c_serial: {
    ...{ type: "binary", stage, doc: "serial number of the client's certificate" },
    compile: ofCertificate(({ serial }) => bytesValue(serial)),
  },
  ssl_c_sha1: {
    ...{ type: "binary", stage, doc: "SHA-1 fingerprint of the client's certificate" },
    compile: ofCertificate(({ sha1 }) => bytesValue(sha1)),
  },
  ssl_c_sha256: {
    ...{ type: "binary", stage, doc: "SHA-256 fingerprint of the client's certificate" },
    compile: ofCertificate(({ sha256 }) => bytesValue(sha256)),
  },
  ssl_c_notbefore: {
    ...{ type, stage, doc: "when the client's certificate begins, YYMMDDhhmmssZ" },
    compile: ofCertificate(({ notBefore }) => textOrAbsent(notBefore)),
  },
  ssl_c_notafter: {
    ...{ type, stage, doc: "when the client's certificate ends, YYMMDDhhmmssZ" },
    compile: ofCertificate(({ notAfter }) => textOrAbsent(notAfter)),
  },
  "req.ssl_sni": helloName,
  req_ssl_sni: helloName,
  "req.ssl_hello_type": helloType,
  req_ssl_hello_type: helloType,
});

function stillWaiting(subject: Subject): Answer {
  return subject.payloadMayGrow ? NOT_YET : ABSENT;
}

// All of a name is `/C=FR/CN=sensor-7`; of one entry the first value, or the last ones from -1 on.
function nameAnswer(entries: readonly NameEntry[], entry: string, occurrence: number): Answer {
  if (entry === "") {
    return textOrAbsent(entries.map(({ name, value }) => `/${name}=${value}`).join(""));
  }
  const found = entries.filter(({ name }) => name.toUpperCase() === entry);
  const index = occurrence < 0 ? found.length + occurrence : Math.max(occurrence, 1) - 1;
  return textOrAbsent(found[index]?.value ?? null);
}
