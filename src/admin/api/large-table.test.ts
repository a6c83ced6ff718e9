import { afterAll, beforeAll, expect, it } from "vitest";
import { AdminScene } from "../../../tests/fixtures/admin.ts";
import { TWO_POOLS } from "../../../tests/fixtures/settings.ts";
import { CONTROL_PLANE } from "../../shm/shared-state.ts";
import { StickTable } from "../../stick/stick-table.ts";
import { formatKey } from "../../supervisor/table-keys.ts";
import { workerSeconds } from "../../supervisor/worker-clock.ts";
import { listTables, pageEntries } from "../tables.ts";
import { PAGE_MAX } from "./schemas.ts";

const ENTRIES = 1_000_000;
/** A page is some hundred kilobytes; the rest is what the collector has not taken yet. */
const HEAP_MAX_BYTES = 256 * 1024 * 1024;
/** Pages of the list that are asked for by HTTP, too. */
const ASKED_EACH = 100;

let scene: AdminScene;

beforeAll(async () => {
  const text = TWO_POOLS.replace(/size: 1000, expire: \w+/, `size: ${ENTRIES}, expire: 1h`);
  expect(text).toContain(String(ENTRIES));
  scene = await AdminScene.start(text);
  const table = new StickTable(scene.supervisor.tables.stickTables[0]!, CONTROL_PLANE);
  const now = workerSeconds();
  const bytes = Buffer.alloc(16);
  for (let i = 0; i < ENTRIES; i++) {
    const length = bytes.write(`client-${i}`, "latin1");
    table.store({ bytes, offset: 0, length }, { server: i & 1, identity: 0 }, now);
  }
});

afterAll(() => scene.stop());

interface EntryPage {
  readonly entries: readonly unknown[];
  readonly next: string | null;
}

it("a table of a million is listed page by page, each entry once, in bounded memory", async () => {
  const [table] = listTables(scene.supervisor);
  const count = table!.table.count();
  // What does not fit into its shard has made room: a table is full a little before its size.
  expect(count).toBeGreaterThan(0.9 * ENTRIES);
  const seen = new Uint8Array(ENTRIES);
  let [listed, heapMax, pages] = [0, 0, 0];
  const heapBefore = process.memoryUsage().heapUsed;
  for (let cursor: string | null = "0-0"; cursor !== null; pages++) {
    const page = pageEntries(table!, cursor, PAGE_MAX);
    if (page.entries.length > PAGE_MAX) throw new Error("Cannot bound a page");
    for (const { key } of page.entries) seen[numberOf(formatKey(table!, key))]! += 1;
    if (pages % ASKED_EACH === 0) {
      const path = `/api/v1/tables/brokers/entries?limit=${PAGE_MAX}&cursor=${cursor}`;
      const body = (await scene.get(path)).body as unknown as EntryPage;
      expect([body.entries.length, body.next]).toEqual([page.entries.length, page.next]);
      heapMax = Math.max(heapMax, process.memoryUsage().heapUsed - heapBefore);
    }
    listed += page.entries.length;
    cursor = page.next;
  }
  expect(listed).toBe(count);
  expect(seen.every((times) => times <= 1)).toBe(true);
  expect(pages).toBeLessThan(1.1 * (ENTRIES / PAGE_MAX) + 10);
  expect(heapMax).toBeLessThan(HEAP_MAX_BYTES);
});

function numberOf(clientId: string): number {
  return Number(clientId.slice("client-".length));
}
