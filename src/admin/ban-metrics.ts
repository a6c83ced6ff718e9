// Metrics of bans: how many there are, and how many were lifted by hand.
//
// Bounded: a row for each kind of key that a listener bans by, never one for a client.

import type { Supervisor } from "../supervisor/supervisor.ts";
import type { GaugeRow } from "./gauge-row.ts";

export function banGauges(supervisor: Pick<Supervisor, "bans">): GaugeRow[] {
  return [
    {
      name: "fairlead_bans_active",
      help: "Addresses, networks and client ids that are banned now",
      labelNames: ["listener", "by"],
      read: () => supervisor.bans.counts.map(({ count, ...labels }) => ({ labels, value: count })),
    },
    {
      name: "fairlead_bans_lifted_total",
      help: "Bans that were lifted by hand",
      labelNames: [],
      type: "counter",
      read: () => [{ labels: {}, value: supervisor.bans.liftedCount }],
    },
  ];
}
