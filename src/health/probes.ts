// From the settings of a check to the probe of one server: a table by type of check.

import type { CheckSettings, CheckType } from "../config/check-settings.ts";
import { type Clock, systemClock } from "./clock.ts";
import { HttpConversation } from "./http-conversation.ts";
import { makeMessageProbe } from "./message-probe.ts";
import { MqttConversation, makeClientId } from "./mqtt-conversation.ts";
import { converse, overWebSocket, type Probe, type ProbeParts, type ProbeTarget } from "./probe.ts";
import { makeProbeTransport } from "./probe-transport.ts";
import { makeScriptProbe } from "./script-probe.ts";
import { makeTcpConversation } from "./tcp-conversation.ts";

export interface ProbeOptions {
  readonly settings: CheckSettings;
  readonly target: ProbeTarget;
  readonly other?: () => ProbeTarget | null;
  readonly clock?: Clock;
}

const MAKERS: Record<CheckType, (parts: ProbeParts) => Probe> = {
  tcp: makeTcpProbe,
  mqtt: makeMqttProbe,
  "mqtt-message": makeMessageProbe,
  http: makeHttpProbe,
  script: makeScriptProbe,
  emqx: makeHttpProbe,
  rabbitmq: makeHttpProbe,
  hivemq: makeHttpProbe,
  vernemq: makeHttpProbe,
  nats: makeHttpProbe,
};

/**
 * @returns the probe of a server; may be used any number of times, one at a time
 * @throws RangeError when no valid CONNECT can be made of the settings
 */
export function makeProbe(options: ProbeOptions): Probe {
  const { settings, target, clock = systemClock, other = () => null } = options;
  const transport = makeProbeTransport(settings.transport, target.transport, target.host);
  return MAKERS[settings.type]({ settings, target, transport, other, clock });
}

function makeTcpProbe(parts: ProbeParts): Probe {
  const isTls = parts.transport.tls !== null;
  return (signal) => converse(parts, makeTcpConversation(isTls), signal);
}

function makeMqttProbe(parts: ProbeParts): Probe {
  const { settings } = parts;
  const begin = () => new MqttConversation({ ...settings, clientId: makeClientId(settings) });
  // Settings that cannot be spoken must fail here, not at the first probe.
  begin();
  return (signal) => converse(parts, overWebSocket(parts, begin()), signal);
}

function makeHttpProbe(parts: ProbeParts): Probe {
  return (signal) => converse(parts, new HttpConversation(parts.settings), signal);
}
