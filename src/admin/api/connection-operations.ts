// Operations on connections and on the entries of tables.

import type { LiveConnection } from "../../supervisor/live-connections.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import { formatKey, parseKey } from "../../supervisor/table-keys.ts";
import { workerMs } from "../../supervisor/worker-clock.ts";
import { ProblemError } from "../problem.ts";
import { type FoundTable, findEntry, listTables, pageEntries, type TableEntry } from "../tables.ts";
import type { ApiParts } from "./api-parts.ts";
import { findTable, toFilter } from "./finders.ts";
import { type Operation, operation } from "./operation.ts";
import * as schemas from "./schemas.ts";

const VERSIONS: Readonly<Record<number, string>> = { 3: "3.1", 4: "3.1.1", 5: "5.0" };

export function connectionOperations({ supervisor, actions }: ApiParts): Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/connections",
      id: "listConnections",
      summary: "Open connections: filtered, sorted, paged",
      role: "read-only",
      query: schemas.connectionQuery,
      answer: schemas.connections,
      run: ({ query: { sort: order, offset, limit, ...query } }) => {
        const filter = toFilter(supervisor, query);
        const page = supervisor.live.page({ filter, order, offset, limit }, workerMs());
        const connections = page.connections.map((each) => describe(supervisor, each));
        return { total: page.total, connections };
      },
    }),
    operation({
      method: "GET",
      path: "/api/v1/connections/{id}",
      id: "readConnection",
      summary: "One connection",
      role: "read-only",
      params: schemas.connectionParams,
      answer: schemas.connection,
      run: ({ params: { id } }) => {
        const found = supervisor.live.find(id, workerMs());
        if (found === null) throw new ProblemError(404, `There is no connection ${id} any more`);
        return describe(supervisor, found);
      },
    }),
    operation({
      method: "DELETE",
      path: "/api/v1/connections/{id}",
      id: "endConnection",
      summary: "Ends one connection, between two packets where it can",
      role: "operator",
      params: schemas.connectionParams,
      answer: schemas.ended,
      run: ({ params: { id }, principal, from }) => {
        if (actions.endConnection({ by: principal.name, from }, id)) return { ended: 1 };
        throw new ProblemError(404, `There is no connection ${id} any more`);
      },
    }),
  ];
}

export function tableOperations({ supervisor, actions }: ApiParts): Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/tables",
      id: "listTables",
      summary: "Sticky tables, by pool, and tables of counters",
      role: "read-only",
      answer: schemas.tables,
      run: () => ({ tables: listTables(supervisor).map(describeTable) }),
    }),
    operation({
      method: "GET",
      path: "/api/v1/tables/{table}/entries",
      id: "listEntries",
      summary: "Entries of a table, in no order, page by page",
      role: "read-only",
      params: schemas.tableParams,
      query: schemas.entryQuery,
      answer: schemas.entries,
      run: ({ params, query: { cursor, limit } }) => {
        const table = findTable(supervisor, params.table);
        const { entries, next } = pageEntries(table, cursor, limit);
        return { entries: entries.map((each) => describeEntry(supervisor, table, each)), next };
      },
    }),
    operation({
      method: "GET",
      path: "/api/v1/tables/{table}/entries/{key}",
      id: "readEntry",
      summary: "One entry of a table",
      role: "read-only",
      params: schemas.entryParams,
      answer: schemas.entry,
      run: ({ params: { table: name, key } }) => {
        const table = findTable(supervisor, name);
        const entry = findEntry(table, parseKey(table, key));
        if (entry !== null) return describeEntry(supervisor, table, entry);
        throw new ProblemError(404, `There is no "${key}" in table "${name}"`);
      },
    }),
    operation({
      method: "DELETE",
      path: "/api/v1/tables/{table}/entries/{key}",
      id: "removeEntry",
      summary: "Forgets one entry of a table",
      role: "operator",
      params: schemas.entryParams,
      answer: schemas.removed,
      run: ({ params: { table: name, key }, principal, from }) => {
        const table = findTable(supervisor, name);
        const actor = { by: principal.name, from };
        return { removed: actions.forgetEntry(actor, table, parseKey(table, key), key) };
      },
    }),
  ];
}

function describe({ settings }: Supervisor, of: LiveConnection) {
  const { level, listener, pool, server, ...rest } = of;
  return {
    ...rest,
    listener: settings.listeners[listener]?.name ?? null,
    pool: settings.pools[pool]?.name ?? null,
    server: settings.servers[server]?.name ?? null,
    version: VERSIONS[level] ?? null,
  };
}

function describeTable({ name, kind, key, size, table }: FoundTable) {
  return { name, kind, key, size, entries: table.count(), evictions: table.evictions() };
}

function describeEntry({ settings }: Supervisor, table: FoundTable, entry: TableEntry) {
  const { key, server, held, counts, expiresInSeconds } = entry;
  return {
    key: formatKey(table, key),
    ...(server === undefined ? {} : { server: settings.servers[server]?.name ?? null }),
    ...(held === undefined ? {} : { held }),
    ...(counts === undefined ? {} : { counts }),
    expiresInSeconds,
  };
}
