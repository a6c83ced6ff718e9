// The metrics of certificates: when each one ends, and how often their files were read again.
//
// With the label `listener`, `pool` or `admin`, whichever they belong to.

import type { CertificateUpkeep } from "../supervisor/certificate-upkeep.ts";
import type { GaugeRow } from "./gauge-row.ts";

const OWNER_LABELS = ["listener", "pool", "admin"];

export function certificateGauges(certificates: Pick<CertificateUpkeep, "states">): GaugeRow[] {
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
  ];
}
