// What a listener allows its clients, as settings.

import type { Document, ListenerDocument } from "./schema.ts";
import type { AllowSettings, ListenerSettings } from "./settings.ts";

/** 3.1, 3.1.1 and 5.0; QoS 2. */
const VERSION_COUNT = 3;
const QOS_MAX = 2;

export function resolveGuards(
  listener: ListenerDocument,
  { limits }: Document,
): Pick<ListenerSettings, "packetSizeMaxBytes" | "allow"> {
  return {
    packetSizeMaxBytes: listener.packetSize ?? limits.packetSize,
    allow: resolveAllow(listener),
  };
}

// Null where all is allowed, so that nobody looks.
function resolveAllow({ allow }: ListenerDocument): AllowSettings | null {
  const { versions: levels, qos: qosMax, retain } = allow;
  if (levels.length === VERSION_COUNT && qosMax === QOS_MAX && retain) return null;
  return { levels, qosMax, retain };
}
