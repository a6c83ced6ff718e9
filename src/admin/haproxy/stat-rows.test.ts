import { afterAll, describe, expect, it } from "vitest";
import { startSupervised } from "../../../tests/fixtures/supervised.ts";
import { SERVER_COUNTER, SERVER_COUNTERS } from "../../shm/counters.ts";
import { backendIid, formatRate, listStatRows } from "./stat-rows.ts";

const { supervisor } = await startSupervised();
afterAll(() => supervisor.stop(0));

const rowOf = (pxname: string, svname: string) =>
  listStatRows(supervisor, null).find((row) => row.pxname === pxname && row.svname === svname)!;

describe("listStatRows", () => {
  it("says of a server what HAProxy would", () => {
    const { health } = supervisor;
    expect(rowOf("brokers", "a")).toMatchObject({ status: "no check", weight: 3, act: 1, bck: 0 });
    health.setAdmin(0, "drain");
    expect(rowOf("brokers", "a").status).toBe("DRAIN");
    health.setAdmin(0, "maintenance");
    expect(rowOf("brokers", "a").status).toBe("MAINT");
    expect(rowOf("brokers", "BACKEND")).toMatchObject({ status: "UP", act: 1, weight: 1 });
    supervisor.shared.servers.setUp(2, false);
    expect(rowOf("spare", "c").status).toBe("DOWN");
    expect(rowOf("spare", "BACKEND").status).toBe("DOWN");
  });

  it("counts bytes from the client's side, as HAProxy does", () => {
    const { servers } = supervisor.shared.counters.ofWorker(0);
    servers[1 * SERVER_COUNTERS + SERVER_COUNTER.bytesIn] = 5;
    servers[1 * SERVER_COUNTERS + SERVER_COUNTER.bytesOut] = 7;
    expect(rowOf("brokers", "b")).toMatchObject({ bin: 7, bout: 5 });
    expect(rowOf("brokers", "BACKEND")).toMatchObject({ bin: 7, bout: 5 });
  });

  it("says how fast a listener lets clients in, and less than one a second is one", () => {
    expect(rowOf("mqtt", "FRONTEND").rate_lim).toBe(0);
    const rates = [null, { perSecond: 0.5, burst: 1 }, { perSecond: 200, burst: 10 }];
    expect(rates.map(formatRate)).toEqual([0, 1, 200]);
  });

  it("numbers pools behind listeners", () => {
    expect(rowOf("mqtt", "FRONTEND").iid).toBe(2);
    expect(rowOf("spare", "BACKEND").iid).toBe(backendIid(supervisor, 1));
  });
});
