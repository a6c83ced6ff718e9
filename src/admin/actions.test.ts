import { afterAll, describe, expect, it } from "vitest";
import { writeLiveRows } from "../../tests/fixtures/live-rows.ts";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { type AdminAction, Audit } from "./access/audit.ts";
import { Actions } from "./actions.ts";
import { listTables } from "./tables.ts";

const { supervisor, logger } = await startSupervised();
const told: AdminAction[] = [];
const audit = new Audit(logger, (action) => told.push(action));
const actions = new Actions({ supervisor, reloader: null, audit });
const ACTOR = { by: "ops", from: "192.0.2.1" };

afterAll(() => supervisor.stop(0));

describe("Actions", () => {
  it("changes a server, and tells who did", () => {
    actions.changeServer(ACTOR, 0, { state: "maintenance", weight: 9 });
    expect(supervisor.health.status(0)).toMatchObject({ operator: "maintenance", weight: 9 });
    expect(told.at(-1)).toEqual({
      ...ACTOR,
      action: "server-change",
      target: "brokers/a",
      detail: { state: "maintenance", weight: 9 },
    });
  });

  it("ends connections that are there", () => {
    expect(actions.endConnection(ACTOR, "0-0-1")).toBe(false);
    const { live, connectionsMax } = supervisor;
    writeLiveRows(live.bufferOf(0), connectionsMax, [{ clientId: "c", server: 1 }]);
    expect(actions.endConnection(ACTOR, "0-0-1")).toBe(true);
    expect(told.at(-1)).toMatchObject({ action: "connection-end", detail: { clientId: "c" } });
    expect(actions.endServerConnections(ACTOR, 1)).toBe(1);
    expect(actions.endServerConnections(ACTOR, 0)).toBe(0);
  });

  it("empties tables", () => {
    const [table] = listTables(supervisor);
    expect(actions.clearTable(ACTOR, table!)).toBe(0);
    expect(actions.forgetEntry(ACTOR, table!, Buffer.from("x"), "x")).toBe(false);
    expect(told.at(-1)).toMatchObject({ target: "brokers", detail: { key: "x", removed: false } });
  });

  it("cannot reload without a file", async () => {
    await expect(actions.reload(ACTOR, true)).rejects.toMatchObject({ status: 409 });
  });
});
