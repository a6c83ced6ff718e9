// Operations on the process: what it is, whether it is well, its settings, its certificates.

import { COUNTER } from "../../shm/counters.ts";
import type { Supervisor } from "../../supervisor/supervisor.ts";
import { describeSettings } from "../configuration.ts";
import { describeMqtt } from "../mqtt-statistics.ts";
import { describeEnds, describePools, describeStatus } from "../overview.ts";
import { ProblemError } from "../problem.ts";
import { countRefused, findHindrances } from "../readiness.ts";
import type { ApiParts } from "./api-parts.ts";
import { findPool } from "./finders.ts";
import { mqtt } from "./mqtt-schema.ts";
import { type Operation, operation, withStatus } from "./operation.ts";
import * as schemas from "./schemas.ts";

const DAY_MS = 86_400_000;

export function processOperations(parts: ApiParts): Operation[] {
  return [...healthOperations(parts), ...factOperations(parts), ...fileOperations(parts)];
}

// For whoever decides to send clients here: without a login.
function healthOperations({ supervisor }: ApiParts): Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/health",
      id: "readHealth",
      summary: "Whether the process answers",
      role: null,
      answer: schemas.health,
      run: () => ({ status: "ok", reasons: [] }),
    }),
    operation({
      method: "GET",
      path: "/api/v1/ready",
      id: "readReadiness",
      summary: "Whether clients can be served; 503 when they cannot",
      role: null,
      query: schemas.readyQuery,
      answer: schemas.health,
      statuses: [503],
      run: ({ query: { pool } }) => {
        const reasons = findHindrances(
          supervisor,
          pool === undefined ? pool : findPool(supervisor, pool),
        );
        if (reasons.length === 0) return { status: "ok", reasons };
        return withStatus(503, { status: "not-ready", reasons });
      },
    }),
  ];
}

function factOperations({ supervisor, cluster }: ApiParts): Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/status",
      id: "readStatus",
      summary: "The process, its workers and its listeners",
      role: "read-only",
      answer: schemas.status,
      run: () => describeStatus(supervisor),
    }),
    operation({
      method: "GET",
      path: "/api/v1/summary",
      id: "readSummary",
      summary: "Totals of the process since it started",
      role: "read-only",
      answer: schemas.summary,
      run: () => summarize(supervisor),
    }),
    operation({
      method: "GET",
      path: "/api/v1/mqtt",
      id: "readMqtt",
      summary: "What clients and servers say in MQTT: packets, CONNECTs, CONNACKs, takeovers",
      role: "read-only",
      answer: mqtt,
      run: () => ({ at: new Date().toISOString(), ...describeMqtt(supervisor) }),
    }),
    operation({
      method: "GET",
      path: "/api/v1/certificates",
      id: "listCertificates",
      summary: "Certificates in use and how long they are good",
      role: "read-only",
      answer: schemas.certificates,
      run: () => ({ certificates: listCertificates(supervisor) }),
    }),
    operation({
      method: "GET",
      path: "/api/v1/cluster/stats",
      id: "readClusterStats",
      summary: "The counters of each embedded broker node",
      role: "read-only",
      answer: schemas.clusterStats,
      run: async () => ({ nodes: await readCluster(cluster) }),
    }),
  ];
}

function fileOperations({ supervisor, actions }: ApiParts): Operation[] {
  return [
    operation({
      method: "GET",
      path: "/api/v1/configuration",
      id: "readConfiguration",
      summary: "The settings that run, without secrets",
      role: "operator",
      answer: schemas.configuration,
      run: () => describeSettings(supervisor.settings),
    }),
    operation({
      method: "POST",
      path: "/api/v1/reload",
      id: "reload",
      summary: "Reads the files again and runs what they say",
      role: "operator",
      query: schemas.waitQuery,
      answer: schemas.reloadReport,
      statuses: [409],
      run: async ({ query: { wait }, principal, from }) => {
        const report = await actions.reload({ by: principal.name, from }, wait === "true");
        return report.outcome === "applied" ? report : withStatus(409, report);
      },
    }),
  ];
}

function summarize(supervisor: Supervisor) {
  const { counters } = supervisor.shared;
  const { connections, uptimeSeconds } = describeStatus(supervisor);
  const servers = describePools(supervisor).flatMap((pool) => pool.servers);
  const packets = (of: Record<string, number>) =>
    Object.values(of).reduce((sum, count) => sum + count, 0);
  const { fromClients, fromServers } = describeMqtt(supervisor);
  return {
    at: new Date().toISOString(),
    uptimeSeconds,
    connections,
    bytesFromClients: counters.sum(COUNTER.clientBytesIn),
    bytesToClients: counters.sum(COUNTER.clientBytesOut),
    packetsFromClients: packets(fromClients.packets),
    packetsToClients: packets(fromServers.packets),
    tlsHandshakes: counters.sum(COUNTER.tlsHandshakes),
    refusedAtAccept: countRefused(supervisor),
    waiting: counters.sum(COUNTER.waiting),
    servers: { up: servers.filter(({ state }) => state === "UP").length, total: servers.length },
    ends: describeEnds(supervisor),
  };
}

export function listCertificates({ certificates }: Supervisor) {
  return certificates.states.flatMap(({ holder, material }) =>
    material.certificates.map(({ file, names, keyType, fingerprint, notAfterMs }) => ({
      owner: holder.name,
      file,
      names: [...names],
      keyType,
      fingerprint,
      notAfter: new Date(notAfterMs).toISOString(),
      daysLeft: Math.floor((notAfterMs - Date.now()) / DAY_MS),
    })),
  );
}

async function readCluster(cluster: ApiParts["cluster"]) {
  if (cluster === null) {
    throw new ProblemError(404, "There is no embedded cluster here; `fairlead up` starts one");
  }
  try {
    return await cluster.stats();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ProblemError(503, `The embedded cluster does not answer: ${reason}`);
  }
}
