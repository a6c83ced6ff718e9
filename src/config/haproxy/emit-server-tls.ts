// TLS towards servers: the options behind `server ... ssl` as our `tls` section has them.

import { DraftMap, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { writePath } from "./emit-paths.ts";
import { emitVersions } from "./emit-tls-versions.ts";
import { type GivenOption, type Options, setting } from "./model.ts";

/** @returns null where the server is spoken to in plain TCP */
export function emitServerTls(emission: Emission, options: Options): DraftMap | null {
  const ssl = options.get("ssl");
  if (ssl === undefined) return null;
  const tls = new DraftMap({ at: ssl.keyword.at });
  emitVerification(emission, options, tls);
  emitServerName(emission, options, tls);
  const crt = options.get("crt");
  if (crt !== undefined) {
    const path = writePath(crt.args[0]!.text, "certificates", emission.bases);
    tls.set("certificate", scalar(path, crt.args[0]!), crt.keyword.at);
  }
  emitVersions(emission, options, tls, "server");
  return tls;
}

function emitVerification(
  { model, report, bases }: Emission,
  options: Options,
  tls: DraftMap,
): void {
  const verify = options.get("verify");
  const standard = setting(model.global, "ssl-server-verify")?.args[0];
  const word = verify?.args[0] ?? standard;
  const mode = word?.text ?? "required";
  if (mode !== "none" && mode !== "required") {
    report.error(word!, `verify is "${mode}"`, "none or required");
    return;
  }
  if (word !== undefined) tls.set("verify", scalar(mode, word));
  const authorities = options.get("ca-file");
  if (authorities !== undefined) {
    const path = writePath(authorities.args[0]!.text, "authorities", bases);
    tls.set("authorities", scalar(path, authorities.args[0]!), authorities.keyword.at);
  } else if (mode === "required") {
    const at = options.get("ssl")!.keyword;
    report.error(at, '"ssl" verifies servers and has no ca-file', "ca-file, or verify none");
  }
}

/** `sni` is an expression; a text that is always the same is what can be said here. */
function emitServerName({ report }: Emission, options: Options, tls: DraftMap): void {
  const host = options.get("verifyhost")?.args[0];
  const sni = options.get("sni");
  const name = sni === undefined ? undefined : constantOf(sni);
  if (sni !== undefined && name === null) {
    const message = `"sni" cannot be honoured: it differs from client to client`;
    report.error(sni.args[0]!, message, "str(a.example)");
    return;
  }
  if (host !== undefined && name && host.text !== name) {
    const message = `verifyhost is "${host.text}" and sni is "${name}"`;
    report.error(host, message, "the same name for both");
    return;
  }
  const written: Word | undefined = host ?? sni?.args[0];
  if (written !== undefined) tls.set("serverName", scalar(host?.text ?? name!, written));
}

function constantOf({ args }: GivenOption): string | null {
  const match = /^str\((["']?)(.*)\1\)$/.exec(args[0]!.text);
  return match === null ? null : match[2]!;
}
