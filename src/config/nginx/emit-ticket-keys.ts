// `ssl_session_ticket_key`: files that machines share to resume each other's sessions. nginx has
// them for each server, Fairlead for all of them.

import { list, scalar } from "../import/draft.ts";
import { signatureOf } from "../import/hoist.ts";
import type { Emission } from "./emission.ts";
import { listOf, type Scope } from "./model.ts";
import { writePath } from "./paths.ts";

/** @param server one whose clients speak TLS; may come several times */
export function emitTicketKeys(emission: Emission, server: Scope): void {
  const { document, report } = emission;
  const words = listOf(server, "ssl_session_ticket_key").map(({ args }) => args[0]!);
  const [first] = words;
  if (first === undefined) return;
  const files = list(
    words.map((word) => scalar(writePath(emission, word), word)),
    first,
  );
  const tls = document.child("tls", first);
  const known = tls.entries.get("ticketKeys")?.node;
  if (known === undefined) tls.set("ticketKeys", files);
  else if (signatureOf(known) !== signatureOf(files)) {
    const message = `"ssl_session_ticket_key" names other files than in line ${known.at.line}`;
    report.error(first, message, "the same ones: all listeners share their keys");
  }
}
