// `source`, of a backend or of a server: where connections to servers come from.

import { makeEndpoint } from "../../bytes/endpoint.ts";
import { type DraftMap, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";

/** Addresses of the client, as `usesrc` names them. */
const CLIENT_WORDS = ["client", "clientip"];

export function emitSource(
  { report }: Emission,
  keyword: Word,
  args: readonly Word[],
  draft: DraftMap,
): void {
  const [address, next, value] = args as [Word, Word?, Word?];
  if (next?.text === "interface") {
    report.error(next, '"interface" cannot be honoured: Fairlead goes by addresses');
    return;
  }
  if (next !== undefined) {
    emitClientSource(report, [next, value], { keyword, draft });
    return;
  }
  const { host, ports } = parted(address.text);
  if (ports !== "0") {
    const message = `the kernel chooses from its own range instead of the ports "${ports}"`;
    report.notice(address, `${message}, once for each server (net.ipv4.ip_local_port_range)`);
  }
  if (host === "0.0.0.0" || host === "*" || host === "::") return;
  if (makeEndpoint(host, 0) === null) {
    const expected = "an IP address of this machine, without a port";
    report.error(address, `source is "${address.text}"`, expected);
    return;
  }
  draft.set("source", scalar(host, address), keyword.at);
}

/** An address and a range of ports behind it: `10.0.0.1:1024-65000`, `[::1]:0`; 0: any. */
function parted(text: string): { readonly host: string; readonly ports: string } {
  const parts = /^(?:\[(.*)\]|([^:]*))(?::(0|\d+-\d+))?$/.exec(text);
  const [, bracketed, plain, ports = "0"] = parts ?? [];
  return { host: bracketed ?? plain ?? text, ports };
}

function emitClientSource(
  report: Emission["report"],
  [next, value]: readonly [Word, Word | undefined],
  { keyword, draft }: { readonly keyword: Word; readonly draft: DraftMap },
): void {
  const isClient = next.text === "usesrc" && CLIENT_WORDS.includes(value?.text ?? "");
  if (!isClient) {
    const shown = value?.text ?? next.text;
    report.error(value ?? next, `source goes by "${shown}"`, "usesrc client or usesrc clientip");
    return;
  }
  if (value!.text === "client") {
    report.notice(value!, '"usesrc client" keeps the address of clients; the port is a new one');
  }
  draft.set("source", scalar("client", value!), keyword.at);
}
