// A dry run of a policy: each hook is shown a sample client of each version of MQTT at each
// listener, so that a name that no pool has, or a field that may be null, is found before a client
// finds it.
//
// What a hook decides is not judged, only whether it decides. Nothing of a sample is sent anywhere.

import type { PolicyNames } from "../policy/judge.ts";
import type { EndedConnection, PolicyClient, PolicyConnect } from "../policy/policy.ts";
import { PolicyProgram } from "../policy/program.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { LoadedPolicy } from "./load-script.ts";
import type { ListenerSettings, Settings } from "./settings.ts";

const ADDRESS = "192.0.2.1";
const VERSIONS: readonly PolicyConnect["version"][] = ["3.1.1", "5.0"];

/** @returns a mistake for each hook that fails, with the first sample it fails for */
export function tryPolicy(
  { hooks, placeOf }: LoadedPolicy,
  settings: Settings,
): readonly Diagnostic[] {
  const program = new PolicyProgram(hooks);
  const report = (hook: string, problem: string): Diagnostic => {
    const { line, column } = placeOf(hook);
    const place = { file: settings.file, line, column, path: hook };
    const message = `${hook} fails for a sample client ${problem}`;
    return { ...place, severity: "error", message, expected: null };
  };
  const decision = findFault(program, settings);
  const end = program.hearsOfEnds ? program.tellEnd(sampleEnd(settings)) : null;
  return [
    ...(decision === null ? [] : [report("onConnect", decision)]),
    ...(end === null ? [] : [report("onClose", `that has ended: ${end}`)]),
  ];
}

function findFault(program: PolicyProgram, settings: Settings): string | null {
  if (!program.decides) return null;
  const names = namesOf(settings);
  for (const listener of settings.listeners) {
    if (listener.protocol !== "mqtt") continue;
    const pool = settings.pools[listener.pool]!.name;
    for (const version of VERSIONS) {
      const client = sampleClient(listener);
      const judged = program.decide(sampleConnect(version), client, names, pool);
      if (judged.kind !== "fault") continue;
      return `of MQTT ${version} at listener "${listener.name}": ${judged.problem}`;
    }
  }
  return null;
}

function namesOf({ pools, servers }: Settings): PolicyNames {
  const places = servers.map(({ name, pool }, server) => {
    return [`${pools[pool]!.name}/${name}`, { pool, server }] as const;
  });
  return { pools: new Map(pools.map(({ name }, pool) => [name, pool])), servers: new Map(places) };
}

function sampleConnect(version: PolicyConnect["version"]): PolicyConnect {
  const properties = {
    sessionExpirySeconds: 0,
    receiveMaximum: 65_535,
    maximumPacketSize: 0,
    topicAliasMaximum: 0,
    authenticationMethod: null,
  };
  return {
    clientId: "sample",
    userName: null,
    password: null,
    version,
    keepAliveSeconds: 60,
    cleanStart: true,
    will: null,
    properties: version === "5.0" ? properties : null,
    userProperties: [],
  };
}

function sampleClient({ name, tls }: ListenerSettings): PolicyClient {
  const certificate = {
    commonName: "sample",
    subject: "/CN=sample",
    fingerprint256: "0".repeat(64),
    sans: [],
  };
  const isShown = tls?.clientCertificate.mode === "required";
  return {
    address: ADDRESS,
    port: 40_000,
    listener: name,
    tls: tls && {
      version: "TLSv1.3",
      cipher: "TLS_AES_256_GCM_SHA384",
      serverName: null,
      certificate: isShown ? certificate : null,
    },
    proxied: false,
  };
}

function sampleEnd({ listeners, pools }: Settings): EndedConnection {
  return {
    clientId: "sample",
    address: ADDRESS,
    listener: listeners[0]!.name,
    pool: pools[0]!.name,
    server: null,
    reason: "client-disconnected",
    durationMs: 1_000,
    bytesFromClient: 0,
    bytesFromServer: 0,
  };
}
