// What `fairlead up` prints once everything listens: where, and what to try next. Pure.

import { type Endpoint, endpointPort, formatAddress, formatEndpoint } from "../bytes/endpoint.ts";
import type { NodeAddress } from "../quickstart/cluster.ts";
import { alignColumns } from "./text-table.ts";

const DEFAULT_PORT = 1883;
const DEFAULT_ADMIN_URL = "http://127.0.0.1:8888";

export interface UpFacts {
  /** For MQTT over TCP, over TLS, over WebSocket and over both. */
  readonly listeners: readonly Endpoint[];
  /** PEM: what clients verify the certificate with. */
  readonly authorityFile: string;
  readonly nodes: readonly NodeAddress[];
  readonly adminUrl: string | null;
}

export function describeUp(facts: UpFacts): string[] {
  const { nodes, adminUrl, authorityFile } = facts;
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
  const table = alignColumns([...clientRows(facts), ...nodeRows, ...adminRows]);
  return [
    "",
    ...table.map((line) => `  ${line}`),
    `  CA file  ${authorityFile}`,
    "",
    "Try next:",
    "",
    ...suggestions(facts).map((line) => `  ${line}`),
    "",
    "The nodes keep everything in memory and are for trying things. Ctrl-C stops all.",
    "",
  ];
}

function clientRows({ listeners }: UpFacts): string[][] {
  const [mqtt, tls, ws, wss] = listeners as [Endpoint, Endpoint, Endpoint, Endpoint];
  const url = (scheme: string, endpoint: Endpoint) =>
    `${scheme}://${hostOf(endpoint)}:${endpointPort(endpoint, 0)}/mqtt`;
  return [
    ["clients", formatEndpoint(mqtt, 0), "MQTT 3.1, 3.1.1 and 5.0"],
    ["TLS", formatEndpoint(tls, 0), "the same over TLS; the CA file verifies it"],
    ["ws", formatEndpoint(ws, 0), `the same over WebSocket: ${url("ws", ws)}`],
    ["wss", formatEndpoint(wss, 0), `the same over both: ${url("wss", wss)}`],
  ];
}

/** The name under which programs on this machine reach what listens there. */
function hostOf(endpoint: Endpoint): string {
  const address = formatAddress(endpoint, 0);
  if (/^(0\.0\.0\.0|127\.0\.0\.1|::1?)$/.test(address)) return "localhost";
  return address.includes(":") ? `[${address}]` : address;
}

function suggestions({ listeners, authorityFile, adminUrl }: UpFacts): string[] {
  const [mqtt, tls] = listeners as [Endpoint, Endpoint];
  const port = endpointPort(mqtt, 0);
  const portOption = port === DEFAULT_PORT ? "" : ` -p ${port}`;
  const tlsAddress = `-h ${hostOf(tls)} -p ${endpointPort(tls, 0)}`;
  const clients = [
    `mosquitto_sub${portOption} -t 'demo/#' -v`,
    `mosquitto_pub${portOption} -t demo/hello -m 'it works'`,
    `mosquitto_pub ${tlsAddress} --cafile ${quote(authorityFile)} -t demo/hello -m 'over TLS'`,
  ];
  if (adminUrl === null) return clients;
  const urlOption = adminUrl === DEFAULT_ADMIN_URL ? "" : ` --url ${adminUrl}`;
  return [
    ...clients,
    `npx fairlead ctl${urlOption} broker stats | grep connections.count`,
    `npx fairlead ctl${urlOption} servers`,
    `curl -s ${adminUrl}/api/v1/status`,
  ];
}

/** @returns one word for a shell */
function quote(path: string): string {
  return /^[\w/.,:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
