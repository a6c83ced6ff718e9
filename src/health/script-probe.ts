// The probe of a `script` check: one connection after the other, each with its part of the script.
//
// A script that does not begin with `connect` begins with the connection that the check has anyway.
// The deadline is for each connection; the first part that fails ends the probe.

import { endpointPort, formatAddress, makeEndpoint } from "../bytes/endpoint.ts";
import type { CheckTransportSettings, ScriptStep } from "../config/check-settings.ts";
import type { CheckResult } from "./check-result.ts";
import { converse, type Probe, type ProbeParts } from "./probe.ts";
import { makeProbeTransport } from "./probe-transport.ts";
import { ScriptConversation, type SpokenStep } from "./script-conversation.ts";

type ConnectStep = Extract<ScriptStep, { readonly do: "connect" }>;

interface Part {
  readonly parts: ProbeParts;
  readonly steps: readonly SpokenStep[];
}

export function makeScriptProbe(parts: ProbeParts): Probe {
  const script = splitScript(parts);
  return async (signal) => {
    let durationMs = 0;
    let last: CheckResult | null = null;
    for (const { parts: own, steps } of script) {
      const isTls = own.transport.tls !== null;
      last = await converse(own, new ScriptConversation(steps, isTls), signal);
      durationMs += last.durationMs;
      if (last.outcome !== "passed") break;
    }
    if (last === null) throw new Error("Cannot probe by a script without steps");
    return { ...last, durationMs };
  };
}

function splitScript(parts: ProbeParts): readonly Part[] {
  const script: { parts: ProbeParts; steps: SpokenStep[] }[] = [];
  for (const step of parts.settings.script) {
    if (step.do === "connect") script.push({ parts: connectAs(parts, step), steps: [] });
    else if (script.length === 0) script.push({ parts, steps: [step] });
    else script.at(-1)!.steps.push(step);
  }
  return script;
}

function connectAs(parts: ProbeParts, step: ConnectStep): ProbeParts {
  const { settings, target } = parts;
  const port = step.port ?? endpointPort(target.endpoint, 0);
  const endpoint = makeEndpoint(formatAddress(target.endpoint, 0), port) ?? target.endpoint;
  const asked = withAsked(settings.transport, step, target.transport.proxyProtocol !== null);
  const transport = makeProbeTransport(asked, target.transport, target.host);
  return { ...parts, target: { ...target, endpoint }, transport };
}

function withAsked(
  settings: CheckTransportSettings,
  { tls, proxyProtocol }: ConnectStep,
  isProxied: boolean,
): CheckTransportSettings {
  return {
    ...settings,
    tls: tls === null ? settings.tls : tls ? "on" : "off",
    proxyProtocol: proxyProtocol === null ? settings.proxyProtocol : askedHeader(),
  };

  // Version 1 where neither the check nor the server says which.
  function askedHeader(): CheckTransportSettings["proxyProtocol"] {
    if (!proxyProtocol) return "off";
    const { proxyProtocol: own } = settings;
    if (own === "v1" || own === "v2") return own;
    return isProxied ? "inherit" : "v1";
  }
}
