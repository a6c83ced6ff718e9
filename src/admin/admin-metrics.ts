// The metrics of the admin address itself: who was refused, and who follows.
//
// Labels are statuses of HTTP, so they are few whatever is asked.

import type { Audit } from "./access/audit.ts";
import type { EventStreams } from "./event-stream.ts";
import type { GaugeRow } from "./gauge-row.ts";
import type { PageFeed } from "./page-feed.ts";

export interface AdminMetricParts {
  readonly audit: Pick<Audit, "refusals">;
  readonly streams: Pick<EventStreams, "count" | "cutOffCount">;
  readonly pageFeed: Pick<PageFeed, "readerCount">;
}

export function adminGauges({ audit, streams, pageFeed }: AdminMetricParts): GaugeRow[] {
  const row = (name: string, help: string, value: () => number): GaugeRow => ({
    name: `fairlead_admin_${name}`,
    help,
    labelNames: [],
    read: () => [{ labels: {}, value: value() }],
    ...(name.endsWith("_total") ? { type: "counter" } : {}),
  });
  return [
    {
      name: "fairlead_admin_requests_refused_total",
      help: "Requests refused at the admin address, by the status of the answer",
      labelNames: ["status"],
      type: "counter",
      read: () =>
        [...audit.refusals].map(([status, value]) => ({
          labels: { status: String(status) },
          value,
        })),
    },
    row("event_streams", "Readers who follow events", () => streams.count),
    row("event_streams_cut_off_total", "Readers of events who were cut off: too slow", () => {
      return streams.cutOffCount;
    }),
    row("pages", "Pages that are open and follow", () => pageFeed.readerCount),
  ];
}
