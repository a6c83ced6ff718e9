// `bind ... tls-ticket-keys`: the file that machines share to resume each other's sessions. HAProxy
// has one for each address, Fairlead one for all of them.

import { type DraftMap, list, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";
import { writePath } from "./emit-paths.ts";
import type { ProxySection } from "./model.ts";

/** @param proxies those whose addresses become listeners */
export function emitTicketKeys(
  { bases, report }: Emission,
  document: DraftMap,
  proxies: readonly ProxySection[],
): void {
  const [first, ...others] = [...listFiles(proxies)];
  if (first === undefined) return;
  const file = scalar(writePath(first.text, "plain", bases), first);
  document.child("tls", first).set("ticketKeys", list([file], first));
  for (const other of others) {
    if (writePath(other.text, "plain", bases) === file.value) continue;
    const message = `"tls-ticket-keys" names another file than in line ${first.at.line}`;
    report.error(other, message, `"${first.text}": all listeners share their keys`);
  }
}

function* listFiles(proxies: readonly ProxySection[]): Iterable<Word> {
  for (const { options } of proxies.flatMap(({ binds }) => binds)) {
    const file = options.get("tls-ticket-keys")?.args[0];
    if (file !== undefined && options.has("ssl")) yield file;
  }
}
