// TLS that ends here: the options behind `bind ... ssl` as our `tls` section has them.

import { type Draft, DraftMap, list, placeholder, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { writePath } from "./emit-paths.ts";
import { emitVersions, withGlobalOptions, wordOf } from "./emit-tls-versions.ts";
import type { Bind, GivenOption, ProxySection } from "./model.ts";
import { setting } from "./model.ts";

/** @returns null where the address is plain TCP */
export function emitListenerTls(
  emission: Emission,
  bind: Bind,
  proxy: ProxySection,
): DraftMap | null {
  const { options } = bind;
  const ssl = options.get("ssl");
  if (ssl === undefined) return null;
  const tls = new DraftMap({ at: ssl.keyword.at });
  emitCertificates(emission, bind, tls);
  const all = withGlobalOptions(emission, options, "bind");
  const strict = all.get("strict-sni");
  if (strict !== undefined) tls.put("strictServerName", true, strict.keyword);
  emitVersions(emission, options, tls, "bind");
  const curves = wordOf(emission, options, "bind", "curves") ?? options.get("ecdhe")?.args[0];
  if (curves) tls.set("groups", scalar(curves.text, curves));
  emitClientCertificate(emission, bind, tls);
  const handshake = setting(proxy, "timeout client-hs");
  if (handshake !== null) {
    const [word] = handshake.args;
    tls.put("handshakeDeadline", writeTime(word!.text, handshake.amount), word!);
  }
  const noTickets = all.get("no-tls-tickets");
  if (noTickets !== undefined) tls.put("tickets", false, noTickets.keyword);
  return tls;
}

function emitCertificates(emission: Emission, bind: Bind, tls: DraftMap): void {
  const { report } = emission;
  const found = bind.certificates.map((given) => emitCertificate(emission, given));
  const crtList = bind.options.get("crt-list");
  if (crtList !== undefined) found.push(...emitCrtList(emission, crtList.args[0]!));
  const at = bind.options.get("ssl")!.keyword;
  if (found.length === 0 && crtList === undefined) {
    report.error(at, '"ssl" has no certificate', "crt and a file");
  }
  // HAProxy's default certificate is that of default-crt, wherever it stands.
  const standard = bind.certificates.findIndex(({ keyword }) => keyword.text === "default-crt");
  if (standard > 0) found.unshift(...found.splice(standard, 1));
  // What is missing, or could not be read, has been reported.
  if (found.length === 0) found.push(placeholder("placeholder.pem", at));
  tls.set("certificates", list(found, found[0]!));
}

function emitCertificate(emission: Emission, { args }: GivenOption): Draft {
  const [word] = args;
  return certificateOf(emission, word!.text, word!);
}

/** A file with its key in it or beside it, or a directory of such files. */
function certificateOf({ bases, files }: Emission, text: string, word: Word): Draft {
  const path = writePath(text, "certificates", bases);
  const onDisk = text.startsWith("/") ? text : joinBase(bases.certificates, text);
  if (files.isDirectory(onDisk)) {
    const certificate = new DraftMap(word);
    certificate.set("directory", scalar(path, word));
    return certificate;
  }
  const pem = files.read(onDisk);
  const hasKeyBeside = pem !== null && !pem.includes("PRIVATE KEY");
  const hasOcspBeside = files.read(`${onDisk}.ocsp`) !== null;
  if (!hasKeyBeside && !hasOcspBeside) return scalar(path, word);
  const certificate = new DraftMap(word);
  certificate.set("certificate", scalar(path, word));
  if (hasKeyBeside) certificate.set("key", scalar(`${path}.key`, word));
  if (hasOcspBeside) certificate.set("ocsp", scalar(`${path}.ocsp`, word));
  return certificate;
}

function joinBase(base: string, path: string): string {
  return base === "" ? path : `${base.replace(/\/$/, "")}/${path}`;
}

/** Lines of `file [options] filter ...`; names are those in the certificates themselves. */
function emitCrtList(emission: Emission, word: Word): readonly Draft[] {
  const text = emission.files.read(word.text);
  if (text === null) {
    emission.report.error(word, `the file "${word.text}" cannot be read`);
    return [];
  }
  return text.split("\n").flatMap((line, index) => {
    const [file, ...rest] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (file === undefined || file === "") return [];
    if (rest.length > 0) {
      const message = `line ${index + 1} of "${word.text}" has options or filters of its own`;
      emission.report.error(word, message, "file names alone");
    }
    return [certificateOf(emission, file, word)];
  });
}

function emitClientCertificate(
  { report, bases }: Emission,
  { options }: Bind,
  tls: DraftMap,
): void {
  const verify = options.get("verify");
  if (verify === undefined) return;
  const [mode] = verify.args;
  if (!["none", "optional", "required"].includes(mode!.text)) {
    report.error(mode!, `verify is "${mode!.text}"`, "none, optional or required");
    return;
  }
  if (mode!.text === "none") return;
  const section = new DraftMap(verify.keyword);
  section.set("mode", scalar(mode!.text, mode!));
  const authorities = options.get("ca-verify-file") ?? options.get("ca-file");
  const revoked = options.get("crl-file");
  for (const [key, given] of [
    ["authorities", authorities],
    ["revoked", revoked],
  ] as const) {
    if (given === undefined) continue;
    const path = writePath(given.args[0]!.text, "authorities", bases);
    section.set(key, scalar(path, given.args[0]!), given.keyword.at);
  }
  tls.set("clientCertificate", section);
}
