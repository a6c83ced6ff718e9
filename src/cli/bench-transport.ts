// What connections of `fairlead bench` speak below MQTT: MQTTX's options for TLS and WebSocket, and
// the plan that load threads get of them. Reads the files that are named; connects nothing.

import { readFileSync } from "node:fs";
import { type Command, Option } from "commander";
import { fileProblemOf } from "../certificates/file-problem.ts";
import type { LoadTransport } from "../load/layered-io.ts";
import type { TlsServerPlan } from "../shm/plan.ts";

const BENCH_PROTOCOLS = ["mqtt", "mqtts", "ws", "wss"] as const;
export type BenchProtocol = (typeof BENCH_PROTOCOLS)[number];

/** Ports of MQTT deployments, by protocol. */
export const DEFAULT_PORTS: Readonly<Record<BenchProtocol, number>> = {
  mqtt: 1883,
  mqtts: 8883,
  ws: 8083,
  wss: 8084,
};

export interface BenchTransportOptions {
  readonly protocol: BenchProtocol;
  /** Of the WebSocket. */
  readonly path: string;
  /** PEM files. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** The server's certificate is not looked at. */
  readonly insecure: boolean;
  readonly alpn: readonly string[];
  /** Whether a handshake may go on with the session before it. */
  readonly resume: boolean;
}

export const BENCH_TRANSPORT_DEFAULTS: BenchTransportOptions = {
  protocol: "mqtt",
  path: "/mqtt",
  insecure: false,
  alpn: [],
  resume: true,
};

export function addTransportOptions(command: Command): Command {
  const protocol = new Option(
    "-l, --protocol <name>",
    "mqtt, mqtts, ws or wss; the port follows it (default: mqtt)",
  );
  return command
    .addOption(protocol.choices(BENCH_PROTOCOLS))
    .option("--path <path>", "of the WebSocket (default: /mqtt)")
    .option("--ca <file>", "who may have signed the server's certificate (PEM)")
    .option("--cert <file>", "our own certificate (PEM), with --key")
    .option("--key <file>", "its key (PEM)")
    .option("--insecure", "do not verify the server's certificate")
    .option("--alpn <names>", "protocols to offer, by commas", (text) => text.split(","))
    .option("--no-resume", "a whole TLS handshake each time, no session goes on");
}

/** @returns null for plain TCP; throws with a sentence when a file cannot be read */
export function describeTransport(
  options: BenchTransportOptions,
  hostname: string,
  port: number,
): LoadTransport | null {
  const { protocol, path, resume } = options;
  if (protocol === "mqtt") return null;
  return {
    tls: protocol === "mqtts" || protocol === "wss" ? describeTls(options, hostname) : null,
    resumes: resume,
    websocket: protocol.startsWith("ws") ? { path, host: `${hostname}:${port}` } : null,
  };
}

function describeTls(options: BenchTransportOptions, hostname: string): TlsServerPlan {
  const { ca, cert, key, insecure, alpn } = options;
  if (ca === undefined && !insecure) {
    throw new Error('Cannot verify the server: name its authority by "--ca", or say "--insecure"');
  }
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error('Cannot show a certificate without its key: "--cert" and "--key" go together');
  }
  const chain = cert === undefined ? null : readPem(cert);
  return {
    authorities: insecure || ca === undefined ? null : readPem(ca),
    serverName: hostname,
    certificate: chain === null ? null : { chain, key: readPem(key!) },
    alpn,
    versionMin: "1.2",
    versionMax: "1.3",
    ciphers: "",
    cipherSuites: "",
  };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new Error(`Cannot read "${file}": ${fileProblemOf(cause)}`);
  }
}
