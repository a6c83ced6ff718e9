// What `fairlead up` prints once everything listens: where, and what to try next. Pure.

import { type Endpoint, endpointPort, formatEndpoint } from "../bytes/endpoint.ts";
import type { NodeAddress } from "../quickstart/cluster.ts";
import { alignColumns } from "./text-table.ts";

const DEFAULT_PORT = 1883;
const DEFAULT_ADMIN_URL = "http://127.0.0.1:8888";

export interface UpFacts {
  readonly listener: Endpoint;
  readonly nodes: readonly NodeAddress[];
  readonly adminUrl: string | null;
}

export function describeUp({ listener, nodes, adminUrl }: UpFacts): string[] {
  const nodeRows = nodes.map(({ name, host, mqttPort, wsPort }) => [
    name,
    `${host}:${mqttPort}`,
    `embedded broker node; WebSocket on ${wsPort}`,
  ]);
  const adminRows =
    adminUrl === null
      ? []
      : [
          ["pages", `${adminUrl}/stats`, "what is up, what is down and why"],
          ["metrics", `${adminUrl}/metrics`, "for Prometheus"],
          ["API", `${adminUrl}/api/v1`, "the same as JSON"],
        ];
  const clients = ["clients", formatEndpoint(listener, 0), "MQTT 3.1, 3.1.1 and 5.0"];
  const table = alignColumns([clients, ...nodeRows, ...adminRows]);
  return [
    "",
    ...table.map((line) => `  ${line}`),
    "",
    "Try next:",
    "",
    ...suggestions(endpointPort(listener, 0), adminUrl).map((line) => `  ${line}`),
    "",
    "The nodes keep everything in memory and are for trying things. Ctrl-C stops all.",
    "",
  ];
}

function suggestions(port: number, adminUrl: string | null): string[] {
  const portOption = port === DEFAULT_PORT ? "" : ` -p ${port}`;
  const clients = [
    `mosquitto_sub${portOption} -t 'demo/#' -v`,
    `mosquitto_pub${portOption} -t demo/hello -m 'it works'`,
  ];
  if (adminUrl === null) return clients;
  const adminOption = adminUrl === DEFAULT_ADMIN_URL ? "" : ` --admin ${adminUrl}`;
  return [
    ...clients,
    `npx fairlead ctl${adminOption} broker stats | grep connections.count`,
    `npx fairlead ctl${adminOption} servers`,
    `curl -s ${adminUrl}/api/v1/status`,
  ];
}
