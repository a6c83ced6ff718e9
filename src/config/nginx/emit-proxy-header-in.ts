// `listen ... proxy_protocol` and `set_real_ip_from`: who names the clients.

import { type DraftMap, list, placeholder, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import { parseNetwork } from "../transport-field.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { listOf, type Scope, setting } from "./model.ts";

const DEADLINE_MS = 30_000;

export function emitProxyHeaderIn(
  { report }: Emission,
  server: Scope,
  { draft, header }: { readonly draft: DraftMap; readonly header: Word },
): void {
  const section = draft.child("proxyProtocol", header);
  const from = listOf(server, "set_real_ip_from").flatMap(({ args }) => {
    const [word] = args as [Word];
    if (word.text === "unix:") {
      report.notice(word, '"unix:" makes no difference: headers come over TCP');
      return [];
    }
    if (parseNetwork(word.text) !== null) return [scalar(word.text, word)];
    const expected = "an address or a network such as 10.0.0.0/8";
    report.error(word, `set_real_ip_from is "${word.text}"`, expected);
    return [placeholder("127.0.0.1", word)];
  });
  if (from.length > 0) section.set("from", list(from, from[0]!));
  const timeout = setting(server, "proxy_protocol_timeout");
  const deadline = writeTime(timeout?.args[0]?.text ?? "", timeout?.amount ?? DEADLINE_MS);
  section.put("deadline", deadline, timeout?.args[0] ?? header);
}
