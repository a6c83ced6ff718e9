// Versions, ciphers and ALPN of TLS, which both sides say in the same words.

import { type DraftMap, list, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { type Scope, setting } from "./model.ts";

const VERSIONS: Readonly<Record<string, string | null>> = {
  SSLv2: null,
  SSLv3: null,
  TLSv1: null,
  "TLSv1.1": null,
  "TLSv1.2": "1.2",
  "TLSv1.3": "1.3",
};

/** @param prefix `ssl` or `proxy_ssl` */
export function emitVersions(
  emission: Emission,
  server: Scope,
  {
    tls,
    prefix,
    ciphers,
  }: {
    readonly tls: DraftMap;
    readonly prefix: string;
    /** What nginx has where nothing is said. */
    readonly ciphers: string;
  },
): void {
  emitRange(emission, server, tls, `${prefix}_protocols`);
  const given = setting(server, `${prefix}_ciphers`)?.args[0];
  const isNew = tls.has("minVersion");
  if (given !== undefined) tls.set("ciphers", scalar(given.text, given));
  else if (!isNew) tls.set("ciphers", scalar(ciphers, tls));
  const alpn = setting(server, `${prefix}_alpn`);
  if (alpn === null) return;
  const items = alpn.args.map((word) => scalar(word.text, word));
  tls.set("alpn", list(items, alpn.args[0]!), alpn.name.at);
}

function emitRange({ report }: Emission, server: Scope, tls: DraftMap, name: string): void {
  const given = setting(server, name);
  if (given === null) return;
  const known = new Map<string, Word>();
  let isGood = true;
  for (const word of given.args) {
    const version = Object.hasOwn(VERSIONS, word.text) ? VERSIONS[word.text] : undefined;
    if (version === undefined) {
      isGood = false;
      report.error(word, `${name} has "${word.text}"`, Object.keys(VERSIONS).join(", "));
    } else if (version === null) {
      report.notice(word, `"${word.text}" is left out: TLSv1.2 is the lowest there is here`);
    } else known.set(version, word);
  }
  if (known.size === 0 && isGood) {
    report.error(given.name, `${name} leaves no version that is spoken here`, "TLSv1.2 or TLSv1.3");
  } else if (known.size === 1) {
    const [[version, word]] = known as unknown as [[string, Word]];
    tls.set(version === "1.3" ? "minVersion" : "maxVersion", scalar(version, word), given.name.at);
  }
}
