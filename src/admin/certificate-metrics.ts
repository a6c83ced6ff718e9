// The metrics of certificates and ticket keys: when each certificate ends, and what became of
// changed files.
//
// Those of certificates have the label `listener`, `pool` or `admin`, whichever they belong to.

import type { CertificateUpkeep } from "../supervisor/certificate-upkeep.ts";
import type { GaugeRow } from "./gauge-row.ts";

const OWNER_LABELS = ["listener", "pool", "admin"];

export function certificateGauges(
  certificates: Pick<CertificateUpkeep, "states" | "ticketKeyCounts">,
): GaugeRow[] {
  return [
    {
      name: "fairlead_certificate_not_after_seconds",
      help: "When the certificate expires, since 1970",
      labelNames: [...OWNER_LABELS, "file", "name"],
      read: () =>
        certificates.states.flatMap(({ holder, material }) =>
          material.certificates.map(({ file, names, notAfterMs }) => ({
            labels: { ...holder.owner, file, name: names[0] ?? "" },
            value: notAfterMs / 1000,
          })),
        ),
    },
    {
      name: "fairlead_certificate_reloads_total",
      help: "Times that changed certificate files were taken into use",
      labelNames: OWNER_LABELS,
      type: "counter",
      read: () =>
        certificates.states.map(({ holder, reloadCount }) => {
          return { labels: { ...holder.owner }, value: reloadCount };
        }),
    },
    {
      name: "fairlead_certificate_reload_failures_total",
      help: "Times that changed certificate files were no good, and the old ones stayed in use",
      labelNames: OWNER_LABELS,
      type: "counter",
      read: () =>
        certificates.states.map(({ holder, failureCount }) => {
          return { labels: { ...holder.owner }, value: failureCount };
        }),
    },
    ...ticketKeyGauges(certificates),
  ];
}

function ticketKeyGauges(certificates: Pick<CertificateUpkeep, "ticketKeyCounts">): GaugeRow[] {
  return [
    {
      name: "fairlead_ticket_key_reloads_total",
      help: "Times that changed files of ticket keys were taken into use",
      labelNames: [],
      type: "counter",
      read: () => [{ labels: {}, value: certificates.ticketKeyCounts.reloadCount }],
    },
    {
      name: "fairlead_ticket_key_reload_failures_total",
      help: "Times that changed files of ticket keys were no good, and the old keys stayed in use",
      labelNames: [],
      type: "counter",
      read: () => [{ labels: {}, value: certificates.ticketKeyCounts.failureCount }],
    },
  ];
}
