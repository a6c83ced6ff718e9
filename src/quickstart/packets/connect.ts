// CONNECT (MQTT 5.0 section 3.1) and the CONNACK that answers it. Anyone may connect: there is no
// authentication here, and a client that wants one by AUTH is told that it is not to be had.

import { randomBytes } from "node:crypto";
import type { IConnackPacket, IConnectPacket } from "mqtt-packet";
import { SYSTEM_PREFIX } from "../broker.ts";
import type { Client, ConnectTerms } from "../client.ts";
import type { Limits } from "../limits.ts";
import { Message, NOTHING } from "../message.ts";
import { REASON, type Reason, returnCode } from "../reason.ts";
import type { Will } from "../session.ts";
import { decodeControl, encodeControl } from "../wire/control-codec.ts";
import { Cursor } from "../wire/cursor.ts";
import { type ConnectLayout, checkConnect } from "../wire/packet-check.ts";
import { IN } from "../wire/properties.ts";
import { readPublishProperties } from "../wire/publish-codec.ts";

const PACKET_SIZE_UNLIMITED = 0x0fffffff + 5;
const RECEIVE_MAX_DEFAULT = 65_535;
const ASSIGNED_ID_BYTES = 9;

export function onConnect(client: Client, frame: Buffer, bodyAt: number, nowMs: number): void {
  const layout = checkConnect(frame, bodyAt);
  if (typeof layout === "number") {
    refuse(client, layout);
    return;
  }
  client.version = layout.version;
  const packet = decodeControl(frame, layout.version);
  if (packet === null || packet.cmd !== "connect") {
    refuse(client, REASON.malformedPacket);
    return;
  }
  const verdict = judge(client, packet);
  if (verdict !== 0) {
    refuse(client, verdict);
    return;
  }
  accept(client, packet, nowMs, (clientId) => readWill(packet, clientId, frame, layout));
}

function judge(client: Client, packet: IConnectPacket): 0 | Reason {
  const { limits } = client.host.broker;
  if (packet.properties?.authenticationMethod !== undefined) return REASON.badAuthenticationMethod;
  if (packet.properties?.authenticationData !== undefined) return REASON.protocolError;
  if (Buffer.byteLength(packet.clientId) > limits.clientIdMaxBytes) {
    return REASON.clientIdentifierNotValid;
  }
  // An empty id needs a session that does not last in 3.1.1 [MQTT-3.1.3-8]; 3.1 has none at all.
  if (packet.clientId === "" && client.version !== 5) {
    if (client.version === 3 || packet.clean !== true) return REASON.clientIdentifierNotValid;
  }
  if (packet.will === undefined) return 0;
  if (!client.host.broker.isTopicAllowed(packet.will.topic)) return REASON.topicNameInvalid;
  return packet.will.topic.startsWith(SYSTEM_PREFIX) ? REASON.notAuthorized : 0;
}

function accept(
  client: Client,
  packet: IConnectPacket,
  nowMs: number,
  willOf: (clientId: string) => Will | null,
): void {
  const { host, version } = client;
  const assigned = packet.clientId === "" ? assignClientId() : null;
  const clientId = assigned ?? packet.clientId;
  const expiryS = sessionExpiry(packet, version, host.broker.limits);
  const connected = host.broker.connect(
    {
      clientId,
      cleanStart: packet.clean === true,
      expiryMs: expiryS * 1000,
      will: willOf(clientId),
      link: client,
      node: host.counters,
    },
    nowMs,
  );
  if (connected === null) {
    refuse(client, REASON.quotaExceeded);
    return;
  }
  const terms = agreeTerms(packet, version, host.broker.limits);
  client.session = connected.session;
  client.endsWithConnection = expiryS === 0;
  client.agree(terms);
  // CONNACK is the first packet [MQTT-3.2.0-1], before anything the session or $SYS has to say.
  client.send(encodeConnack(client, packet, { assigned, expiryS, present: connected.present }));
  if (client.ended) return;
  host.onConnected(client);
  connected.session.pump(nowMs);
}

function assignClientId(): string {
  return `fairlead-${randomBytes(ASSIGNED_ID_BYTES).toString("base64url")}`;
}

// Seconds. 3.1 and 3.1.1 know "for ever" and "not at all" only.
function sessionExpiry(packet: IConnectPacket, version: number, limits: Limits): number {
  const wanted =
    version === 5
      ? (packet.properties?.sessionExpiryInterval ?? 0)
      : packet.clean === true
        ? 0
        : Infinity;
  return Math.min(wanted, limits.sessionExpiryMaxS);
}

function agreeTerms(packet: IConnectPacket, version: number, limits: Limits): ConnectTerms {
  const wanted = packet.keepalive ?? 0;
  const isTooLong = version === 5 && limits.keepAliveMaxS > 0 && wanted > limits.keepAliveMaxS;
  return {
    keepAliveS: isTooLong ? limits.keepAliveMaxS : wanted,
    receiveMax: packet.properties?.receiveMaximum ?? RECEIVE_MAX_DEFAULT,
    packetSizeMax: packet.properties?.maximumPacketSize ?? PACKET_SIZE_UNLIMITED,
    topicAliasMax: packet.properties?.topicAliasMaximum ?? 0,
  };
}

interface Granted {
  readonly assigned: string | null;
  readonly expiryS: number;
  readonly present: boolean;
}

function encodeConnack(client: Client, packet: IConnectPacket, granted: Granted): Buffer {
  const sessionPresent = granted.present;
  if (client.version !== 5) {
    return encodeControl({ cmd: "connack", returnCode: 0, sessionPresent }, client.version);
  }
  const { limits } = client.host.broker;
  const properties: NonNullable<IConnackPacket["properties"]> = {
    receiveMaximum: limits.receiveMax,
    maximumPacketSize: limits.packetSizeMaxBytes,
    topicAliasMaximum: limits.topicAliasMax,
  };
  if (granted.assigned !== null) properties.assignedClientIdentifier = granted.assigned;
  const wanted = packet.properties?.sessionExpiryInterval ?? 0;
  if (granted.expiryS !== wanted) properties.sessionExpiryInterval = granted.expiryS;
  if (client.keepAliveS !== packet.keepalive) properties.serverKeepAlive = client.keepAliveS;
  const connack = { cmd: "connack", reasonCode: REASON.success, sessionPresent } as const;
  // Which node one has come to, for whoever tries a load balancer; left off if it does not fit.
  const userProperties = { node: client.host.name };
  const full = encodeControl({ ...connack, properties: { ...properties, userProperties } }, 5);
  return full.length <= client.packetSizeMax ? full : encodeControl({ ...connack, properties }, 5);
}

// 5.0 clients are told why; 3.1 and 3.1.1 clients where those versions have a code for it.
function refuse(client: Client, reason: Reason): void {
  if (client.version === 5) {
    client.send(encodeControl({ cmd: "connack", reasonCode: reason, sessionPresent: false }, 5));
  } else if (returnCode(reason) !== -1) {
    const connack = {
      cmd: "connack",
      returnCode: returnCode(reason),
      sessionPresent: false,
    } as const;
    client.send(encodeControl(connack, 4));
  }
  client.finish();
}

function readWill(
  packet: IConnectPacket,
  clientId: string,
  frame: Buffer,
  layout: ConnectLayout,
): Will | null {
  const { will } = packet;
  if (will === undefined) return null;
  const properties = { topicAlias: 0, expiryS: null, passedOn: NOTHING };
  if (layout.willPropertiesAt > 0) {
    readPublishProperties(new Cursor(frame, layout.willPropertiesAt), IN.will, properties);
  }
  const message = new Message({
    topic: will.topic,
    payload: Buffer.from(will.payload),
    qos: will.qos ?? 0,
    retain: will.retain === true,
    passedOn: properties.passedOn,
    expiresAtMs: Infinity,
    publisher: clientId,
  });
  const delayMs = (will.properties?.willDelayInterval ?? 0) * 1000;
  return { message: message.keep(), delayMs, expiryS: properties.expiryS };
}
