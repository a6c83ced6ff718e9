// TLS towards servers: `proxy_ssl` and the directives that begin so, as our `tls` section has them.

import { DraftMap, scalar } from "../import/draft.ts";
import type { Emission } from "./emission.ts";
import { emitVersions } from "./emit-tls-versions.ts";
import { isOn, type Scope, setting } from "./model.ts";
import type { Passed } from "./passed.ts";
import { isPlainFile, writePath } from "./paths.ts";

const CIPHERS_DEFAULT = "DEFAULT";

/** Puts `tls` into the pool where servers are spoken to in TLS. */
export function emitServerTls(emission: Emission, passed: Passed, pool: DraftMap): void {
  const { server } = passed;
  if (!isOn(server, "proxy_ssl")) return;
  const tls = new DraftMap({ at: setting(server, "proxy_ssl")!.name.at });
  pool.set("tls", tls);
  emitVerification(emission, server, tls);
  emitServerName(emission, passed, tls);
  const certificate = setting(server, "proxy_ssl_certificate");
  const key = setting(server, "proxy_ssl_certificate_key");
  for (const [name, given] of [
    ["certificate", certificate],
    ["key", key],
  ] as const) {
    const word = given?.args[0];
    if (word === undefined || !isPlainFile(emission, word, given!.name.text)) continue;
    tls.set(name, scalar(writePath(emission, word), word), given!.name.at);
  }
  emitVersions(emission, server, { tls, prefix: "proxy_ssl", ciphers: CIPHERS_DEFAULT });
}

/** nginx verifies nobody unless told to. */
function emitVerification(emission: Emission, server: Scope, tls: DraftMap): void {
  const verify = setting(server, "proxy_ssl_verify");
  const trusted = setting(server, "proxy_ssl_trusted_certificate");
  const isVerified = isOn(server, "proxy_ssl_verify");
  tls.put("verify", isVerified ? "required" : "none", verify?.args[0] ?? tls);
  const word = trusted?.args[0];
  if (isVerified && word !== undefined) {
    tls.set("authorities", scalar(writePath(emission, word), word), trusted!.name.at);
  } else if (isVerified) {
    const message = '"proxy_ssl_verify" has no proxy_ssl_trusted_certificate';
    emission.report.error(verify!.name, message, "proxy_ssl_trusted_certificate and a file");
  } else if (trusted !== null) {
    const message = `"${trusted.name.text}" makes no difference: no server is verified`;
    emission.report.notice(trusted.name, message);
  }
}

/** The name that is asked for and verified: that of proxy_pass, unless another one is given. */
function emitServerName({ report }: Emission, { server, word }: Passed, tls: DraftMap): void {
  const given = setting(server, "proxy_ssl_name")?.args[0];
  if (given?.text.includes("$")) {
    report.error(given, "proxy_ssl_name differs from client to client", "a name");
    return;
  }
  const isUsed = isOn(server, "proxy_ssl_verify") || isOn(server, "proxy_ssl_server_name");
  if (given !== undefined) tls.set("serverName", scalar(given.text, given));
  else if (isUsed) tls.set("serverName", scalar(word.text.replace(/:\d+$/, ""), word));
}
