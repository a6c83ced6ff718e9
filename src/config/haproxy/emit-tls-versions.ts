// Versions and ciphers of TLS, which `bind` and `server` say in the same words, and the global
// section for all of them.

import { type DraftMap, list, scalar } from "../import/draft.ts";
import { Report } from "../import/report.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { type Options, setting } from "./model.ts";
import { type OptionTable, optionTable, takes, takesNotice } from "./option-row.ts";
import { readOptions } from "./read-options.ts";

type Side = "bind" | "server";

/** What HAProxy leaves to OpenSSL where nothing is said. */
const CIPHERS_DEFAULT = "DEFAULT";

const VERSIONS: Readonly<Record<string, string | null>> = {
  SSLv3: null,
  "TLSv1.0": null,
  "TLSv1.1": null,
  "TLSv1.2": "1.2",
  "TLSv1.3": "1.3",
};

/** What `ssl-default-bind-options` and its like may hold. */
const DEFAULT_OPTIONS: OptionTable = optionTable(
  ...takes(0, "no-tls-tickets, no-tlsv12, no-tlsv13, force-tlsv12, force-tlsv13, strict-sni"),
  ...takes(1, "ssl-min-ver, ssl-max-ver"),
  ...takesNotice(0, "no-sslv3, no-tlsv10, no-tlsv11", "forbids what Fairlead does not speak"),
  ...takesNotice(0, "prefer-client-ciphers, no-ca-names", "is left to OpenSSL"),
);

/** The options of a line over those of the global section. */
export function withGlobalOptions(emission: Emission, options: Options, side: Side): Options {
  const given = setting(emission.model.global, `ssl-default-${side}-options`);
  if (given === null) return options;
  // What is wrong in them was told when the document was begun: nobody reads this report.
  const standard = readOptions(given.args, DEFAULT_OPTIONS, new Report());
  return new Map([...standard.options, ...options]);
}

/** Tells what is wrong with the options of the global section, once. */
export function checkGlobalOptions({ model, report }: Emission): void {
  for (const side of ["bind", "server"]) {
    const given = setting(model.global, `ssl-default-${side}-options`);
    if (given !== null) readOptions(given.args, DEFAULT_OPTIONS, report);
  }
}

export function emitVersions(emission: Emission, own: Options, tls: DraftMap, side: Side): void {
  const options = withGlobalOptions(emission, own, side);
  emitBound(emission, options, tls, { option: "ssl-min-ver", key: "minVersion" });
  emitBound(emission, options, tls, { option: "ssl-max-ver", key: "maxVersion" });
  const only = options.get("force-tlsv13") ?? options.get("no-tlsv12");
  const old = options.get("force-tlsv12") ?? options.get("no-tlsv13");
  if (only !== undefined) tls.put("minVersion", "1.3", only.keyword);
  if (old !== undefined) tls.put("maxVersion", "1.2", old.keyword);
  emitCiphers(wordOf(emission, own, side, "ciphers"), tls);
  const suites = wordOf(emission, own, side, "ciphersuites");
  if (suites !== null) tls.set("cipherSuites", scalar(suites.text, suites));
  emitAlpn(own, tls);
}

function emitCiphers(ciphers: Word | null, tls: DraftMap): void {
  const lowest = tls.entries.get("minVersion")?.node;
  if (ciphers !== null) tls.set("ciphers", scalar(ciphers.text, ciphers));
  // They are those of TLS 1.2.
  else if (lowest?.kind !== "scalar" || lowest.value !== "1.3") {
    tls.put("ciphers", CIPHERS_DEFAULT, tls);
  }
}

interface Bound {
  readonly option: string;
  readonly key: string;
}

function emitBound(
  { report }: Emission,
  options: Options,
  tls: DraftMap,
  { option, key }: Bound,
): void {
  const given = options.get(option);
  if (given === undefined) return;
  const [word] = given.args;
  if (!Object.hasOwn(VERSIONS, word!.text)) {
    report.error(
      word!,
      `${option} is "${word!.text}"`,
      `one of ${Object.keys(VERSIONS).join(", ")}`,
    );
    return;
  }
  const version = VERSIONS[word!.text]!;
  if (version !== null) tls.set(key, scalar(version, word!), given.keyword.at);
  else if (key === "minVersion") {
    report.notice(word!, `"${option} ${word!.text}" is read as TLSv1.2, the lowest there is here`);
  } else report.error(word!, `"${option} ${word!.text}" leaves no version that is spoken here`);
}

/** @returns the word behind an option, or behind its counterpart in the global section */
export function wordOf(
  { model }: Emission,
  options: Options,
  side: Side,
  name: string,
): Word | null {
  const own = options.get(name)?.args[0];
  return own ?? setting(model.global, `ssl-default-${side}-${name}`)?.args[0] ?? null;
}

/** A list of words with commas between them. */
function emitAlpn(options: Options, tls: DraftMap): void {
  const alpn = options.get("alpn");
  if (alpn === undefined) return;
  const [word] = alpn.args;
  const items = word!.text.split(",").map((name) => scalar(name, word!));
  tls.set("alpn", list(items, { at: word!.at }), alpn.keyword.at);
}
