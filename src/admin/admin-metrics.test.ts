import { expect, it } from "vitest";
import { adminGauges } from "./admin-metrics.ts";

it("adminGauges counts who was refused by status, and who follows", () => {
  const rows = adminGauges({
    audit: { refusals: new Map([[401, 3]]) },
    streams: { count: 2, cutOffCount: 7 },
    pageFeed: { readerCount: 4 },
  });
  const values = rows.map(({ name, type = "gauge", read }) => [name, type, read()]);
  expect(values).toEqual([
    ["fairlead_admin_requests_refused_total", "counter", [{ labels: { status: "401" }, value: 3 }]],
    ["fairlead_admin_event_streams", "gauge", [{ labels: {}, value: 2 }]],
    ["fairlead_admin_event_streams_cut_off_total", "counter", [{ labels: {}, value: 7 }]],
    ["fairlead_admin_pages", "gauge", [{ labels: {}, value: 4 }]],
  ]);
});
