// TLS that ends here: `listen ... ssl` and the ssl_ directives as our `tls` section has them.

import { type Draft, DraftMap, list, placeholder, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { emitTicketKeys } from "./emit-ticket-keys.ts";
import { emitVersions } from "./emit-tls-versions.ts";
import { type Given, listOf, type Scope, setting } from "./model.ts";
import { isPlainFile, writePath } from "./paths.ts";

const CIPHERS_DEFAULT = "HIGH:!aNULL:!MD5";
const HANDSHAKE_MS = 60_000;
const VERIFY_DEPTH = 1;

/** @param ssl the word behind `listen` */
export function emitListenerTls(emission: Emission, server: Scope, ssl: Word): DraftMap {
  const tls = new DraftMap({ at: ssl.at });
  tls.set("certificates", certificatesOf(emission, server, ssl));
  emitVersions(emission, server, { tls, prefix: "ssl", ciphers: CIPHERS_DEFAULT });
  const curve = setting(server, "ssl_ecdh_curve")?.args[0];
  if (curve !== undefined && curve.text !== "auto") tls.set("groups", scalar(curve.text, curve));
  const client = clientCertificateOf(emission, server);
  if (client !== null) tls.set("clientCertificate", client);
  const handshake = setting(server, "ssl_handshake_timeout");
  const deadline = writeTime(handshake?.args[0]?.text ?? "", handshake?.amount ?? HANDSHAKE_MS);
  tls.put("handshakeDeadline", deadline, handshake?.args[0] ?? ssl);
  const tickets = setting(server, "ssl_session_tickets");
  if (tickets !== null && tickets.amount === 0) tls.put("tickets", false, tickets.args[0]!);
  emitTicketKeys(emission, server);
  return tls;
}

/** Certificates and keys come in pairs, each in the order of the file. */
function certificatesOf(emission: Emission, server: Scope, ssl: Word): Draft {
  const { report } = emission;
  const certificates = listOf(server, "ssl_certificate");
  const keys = listOf(server, "ssl_certificate_key");
  const staple = setting(server, "ssl_stapling_file")?.args[0] ?? null;
  if (certificates.length === 0) {
    const isSettled = server.isBroken || setting(server, "ssl_reject_handshake")?.amount === 1;
    if (!isSettled) report.error(ssl, '"ssl" has no ssl_certificate', "ssl_certificate and a file");
    return list([placeholder("placeholder.pem", ssl)], ssl);
  }
  const items = certificates.flatMap((certificate, index) => {
    return certificateOf(emission, certificate, { key: keys[index], staple }) ?? [];
  });
  if (items.length === 0) items.push(placeholder("placeholder.pem", ssl));
  return list(items, items[0]!);
}

function certificateOf(
  emission: Emission,
  { args, name }: Given,
  { key, staple }: { readonly key: Given | undefined; readonly staple: Word | null },
): Draft | null {
  const [word] = args as [Word];
  if (!isPlainFile(emission, word, "ssl_certificate")) return null;
  if (key === undefined) {
    const message = '"ssl_certificate" has no ssl_certificate_key';
    emission.report.error(name, message, "ssl_certificate_key and a file");
    return null;
  }
  const [keyWord] = key.args as [Word];
  if (!isPlainFile(emission, keyWord, "ssl_certificate_key")) return null;
  if (keyWord.text === word.text && staple === null) return scalar(writePath(emission, word), word);
  const draft = new DraftMap({ at: name.at });
  draft.set("certificate", scalar(writePath(emission, word), word));
  if (keyWord.text !== word.text) draft.set("key", scalar(writePath(emission, keyWord), keyWord));
  if (staple !== null) draft.set("ocsp", scalar(writePath(emission, staple), staple));
  return draft;
}

const MODES = [null, "required", "optional"];

function clientCertificateOf(emission: Emission, server: Scope): DraftMap | null {
  const { report } = emission;
  const verify = setting(server, "ssl_verify_client");
  const own = setting(server, "ssl_client_certificate");
  const trusted = setting(server, "ssl_trusted_certificate");
  const mode = MODES[verify?.amount ?? 0];
  if (verify === null || mode === null) {
    for (const idle of [own, trusted, setting(server, "ssl_crl")]) {
      if (idle === null) continue;
      report.notice(idle.name, `"${idle.name.text}" makes no difference: no client is verified`);
    }
    return null;
  }
  if (mode === undefined) {
    const message = '"optional_no_ca" cannot be honoured: it takes certificates that are wrong';
    report.error(verify.args[0]!, message, "optional");
    return null;
  }
  const section = new DraftMap({ at: verify.name.at });
  section.set("mode", scalar(mode, verify.args[0]!));
  if (own !== null && trusted !== null) {
    const message = '"ssl_trusted_certificate" cannot be honoured beside ssl_client_certificate';
    report.error(trusted.name, message, "one file with all authorities");
  }
  const authorities = own ?? trusted;
  if (authorities !== null) emitFile(emission, section, "authorities", authorities);
  const crl = setting(server, "ssl_crl");
  if (crl !== null) emitFile(emission, section, "revoked", crl);
  const depth = setting(server, "ssl_verify_depth");
  section.put("depth", depth?.amount ?? VERIFY_DEPTH, depth?.args[0] ?? verify.args[0]!);
  return section;
}

function emitFile(emission: Emission, draft: DraftMap, key: string, { args, name }: Given): void {
  draft.set(key, scalar(writePath(emission, args[0]!), args[0]!), name.at);
}
