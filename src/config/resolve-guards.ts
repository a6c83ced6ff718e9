// What a listener allows its clients, and whom it bans, as settings.

import type { Document, ListenerDocument } from "./schema.ts";
import type {
  AllowSettings,
  BanSettings,
  CounterTableSettings,
  ListenerSettings,
} from "./settings.ts";

/** 3.1, 3.1.1 and 5.0; QoS 2. */
const VERSION_COUNT = 3;
const QOS_MAX = 2;

const ADDRESS_BITS = { ipv4: 32, ipv6: 128 };

/** @param name of the listener */
export function resolveGuards(
  name: string,
  listener: ListenerDocument,
  { limits }: Document,
): Pick<ListenerSettings, "packetSizeMaxBytes" | "allow" | "bans"> {
  return {
    packetSizeMaxBytes: listener.packetSize ?? limits.packetSize,
    allow: resolveAllow(listener),
    bans: resolveBans(name, listener).map(({ ban }) => ban),
  };
}

/** The tables that count the failures of a listener's clients. */
export function banTables(
  name: string,
  listener: ListenerDocument,
): readonly CounterTableSettings[] {
  return resolveBans(name, listener).map(({ table }) => table);
}

// Null where all is allowed, so that nobody looks.
function resolveAllow({ allow }: ListenerDocument): AllowSettings | null {
  const { versions: levels, qos: qosMax, retain } = allow;
  if (levels.length === VERSION_COUNT && qosMax === QOS_MAX && retain) return null;
  return { levels, qosMax, retain };
}

function resolveBans(name: string, { bans }: ListenerDocument) {
  const rows = [
    { by: "address", key: "perAddress", keyType: "address", bits: ADDRESS_BITS },
    { by: "network", key: "perNetwork", keyType: "address", bits: bans.perNetwork },
    { by: "client-id", key: "perClientId", keyType: "text", bits: ADDRESS_BITS },
  ] as const;
  return rows.flatMap(({ by, key, keyType, bits = ADDRESS_BITS }) => {
    const given = bans[key];
    if (given === undefined) return [];
    const { failures, time: banMs, size: entriesMax } = given;
    // No table of the operator has a slash in its name.
    const tableName = `${name}/bans/${key}`;
    const { count: failuresMax, periodMs } = failures;
    const amounts = { failuresMax, banMs, ipv4Bits: bits.ipv4, ipv6Bits: bits.ipv6 };
    const ban: BanSettings = { by, table: tableName, ...amounts };
    const table: CounterTableSettings = {
      ...{ name: tableName, keyType, entriesMax, expireMs: 2 * periodMs + banMs },
      counters: [
        { field: "gpc0", periodMs: 0 },
        { field: "gpc0_rate", periodMs },
        { field: "gpc1", periodMs: 0 },
        { field: "gpt0", periodMs: 0 },
      ],
    };
    return [{ ban, table }];
  });
}
