// From what nginx.conf says to our document: pools from upstreams, listeners from servers. What has
// no place in the document is reported on the way.

import { hasErrors } from "../diagnostic.ts";
import { DraftMap } from "../import/draft.ts";
import type { Emission } from "./emission.ts";
import { emitGlobal } from "./emit-global.ts";
import { checkZones } from "./emit-limits.ts";
import { emitListeners } from "./emit-listeners.ts";
import { emitLog } from "./emit-log.ts";
import { emitUpstreamServers } from "./emit-upstream-servers.ts";
import { emitWebSocketListeners } from "./emit-websocket.ts";
import type { Scope } from "./model.ts";

export function emitDocument(emission: Emission): DraftMap {
  const { model, report, document, pools } = emission;
  // First in the document, where the comment at the head of the file belongs.
  const log = document.child("log", document);
  emitGlobal(emission, document);
  checkZones(emission);
  const at = model.stream?.at ?? model.httpAt?.at ?? model.main.at;
  const listeners = new DraftMap({ at });
  const listenersOf = emitListeners(emission, listeners);
  emitWebSocketListeners(emission, listeners);
  emitLog(emission, log, { listenersOf, total: listeners.entries.size });
  document.set("listeners", listeners);
  document.set("pools", pools.drafts);
  for (const upstream of unusedUpstreams(emission)) {
    // Whoever mistyped its name wants to know what is wrong in it, too.
    emitUpstreamServers(emission, upstream, { pool: new DraftMap(upstream), portDefault: null });
  }
  tellOfUnused(emission);
  if (model.servers.length === 0 && listeners.isEmpty && !model.main.isBroken) {
    const where = model.stream ?? model.main;
    const isBroken = model.stream?.isBroken === true;
    if (!isBroken) report.error(where.at, "there is no server", "a stream block with a server");
  }
  return document;
}

function unusedUpstreams({ model, pools }: Emission): readonly Scope[] {
  return model.upstreams.filter(({ name }) => !pools.drafts.has(name.text));
}

function tellOfUnused(emission: Emission): void {
  const { report } = emission;
  // What was wrong may have named them.
  if (hasErrors(report.diagnostics)) return;
  for (const { name } of unusedUpstreams(emission)) {
    report.notice(name, `upstream "${name.text}" is left out: no server passes to it`);
  }
}
