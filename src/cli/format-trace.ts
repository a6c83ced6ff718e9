// Packets of a traced client as lines for people: `>` went to the server, `<` came from it, `=` is
// what happened to the connection. Pure; times are of the local clock.

import type { ShownPacket, ShownTrace } from "../admin/trace-events.ts";
import { printable } from "./ctl-target.ts";

const VERSIONS: Readonly<Record<number, string>> = { 3: "3.1", 4: "3.1.1", 5: "5.0" };
const INDENT = " ".repeat(15);
/** Bytes of a payload that is no text. */
const HEX_BYTES_MAX = 64;

/** @returns one line, and those of the payload where there is one */
export function formatTrace(shown: ShownTrace): string[] {
  const time = formatTime(shown.at);
  switch (shown.event) {
    case "packet": {
      const details = describePacket(shown).join(", ");
      const head = `${time} ${directionOf(shown)} ${nameOf(shown)} ${details}`.trimEnd();
      return [`${head} [${shown.size} bytes]`, ...formatPayload(shown)];
    }
    case "opened": {
      const from = shown.client === null ? "" : ` from ${shown.client}`;
      const at = shown.listener === null ? "" : ` at listener ${shown.listener}`;
      return [`${time} = connection ${shown.connection}${from}${at}`];
    }
    case "server":
      return [`${time} = server ${shown.pool}/${shown.server}`];
    case "closed": {
      const { reason, sentence } = shown;
      const why = reason === null ? "" : `: ${reason}, ${sentence}`;
      return [`${time} = connection ${shown.connection} has ended${why}`];
    }
    case "lost": {
      const what = "packets" in shown ? `${shown.packets} packets` : `${shown.connections} clients`;
      return [`${time} = ${what} had no room and are not shown`];
    }
  }
}

/** `18:04:10.123` */
function formatTime(at: string): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  return `${clock}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

// What Fairlead itself says goes to the client, but for a CONNECT that it has rewritten.
function directionOf({ from, type }: ShownPacket): ">" | "<" {
  if (from === "fairlead") return type === "CONNECT" ? ">" : "<";
  return from === "client" ? ">" : "<";
}

function nameOf({ from, type }: ShownPacket): string {
  if (type === "RESERVED") return "bytes that are no MQTT";
  return from === "fairlead" ? `${type} by Fairlead` : type;
}

function describePacket(packet: ShownPacket): string[] {
  const { packetId, reason, reasons, filters, properties = [], isCut, isMalformed } = packet;
  return [
    ...(packet.level === undefined ? [] : describeConnect(packet)),
    ...(packet.topic === undefined ? [] : [quote(packet.topic)]),
    ...(packet.qos === undefined ? [] : [`QoS ${packet.qos}`]),
    ...(packetId === undefined ? [] : [`id ${packetId}`]),
    ...(packet.retain ? ["retain"] : []),
    ...(packet.dup ? ["dup"] : []),
    ...(packet.sessionPresent ? ["session present"] : []),
    ...(reason === undefined ? [] : [describeReason(reason)]),
    ...(reasons ?? []).map(describeReason),
    ...(filters ?? []).map(describeFilter),
    ...properties.map(describeProperty),
    ...(packet.payloadSize === undefined ? [] : [`payload ${packet.payloadSize} bytes`]),
    ...(isMalformed ? ["malformed"] : []),
    ...(isCut ? ["…"] : []),
  ];
}

function describeConnect(packet: ShownPacket): string[] {
  const { level = 0, clientId, userName, hasPassword, cleanStart, will } = packet;
  return [
    VERSIONS[level] ?? `level ${level}`,
    ...(clientId === undefined ? [] : [`client id ${quote(clientId)}`]),
    `keep alive ${packet.keepAliveSeconds} s`,
    ...(cleanStart ? ["clean start"] : []),
    ...(userName === undefined ? [] : [`user name ${quote(userName)}`]),
    ...(hasPassword ? ["password (hidden)"] : []),
    ...(will === undefined ? [] : [describeWill(will)]),
  ];
}

function describeWill({ topic, qos, retain, payloadSize }: NonNullable<ShownPacket["will"]>) {
  const of = topic === undefined ? "" : ` ${quote(topic)}`;
  const size = payloadSize === undefined ? "" : ` ${payloadSize} bytes`;
  return `will${of} QoS ${qos}${retain ? " retain" : ""}${size}`;
}

function describeReason({ code, name }: NonNullable<ShownPacket["reason"]>): string {
  return `0x${code.toString(16).padStart(2, "0")} ${name}`.trimEnd();
}

function describeFilter(of: NonNullable<ShownPacket["filters"]>[number]): string {
  const { filter, qos, noLocal, retainAsPublished, retainHandling } = of;
  const parts = [
    quote(filter),
    ...(qos === undefined ? [] : [`QoS ${qos}`]),
    ...(noLocal ? ["no local"] : []),
    ...(retainAsPublished ? ["retain as published"] : []),
    ...(retainHandling ? [`retain handling ${retainHandling}`] : []),
  ];
  return parts.join(" ");
}

function describeProperty([name, value]: NonNullable<ShownPacket["properties"]>[number]): string {
  return `${name} ${typeof value === "string" ? quote(value) : value}`;
}

function formatPayload({ payload, isPayloadCut }: ShownPacket): string[] {
  if (payload === undefined || payload === "") return [];
  const bytes = Buffer.from(payload, "base64");
  const text = textOf(bytes);
  const isLong = text === null && bytes.length > HEX_BYTES_MAX;
  return [`${INDENT}${text ?? hexOf(bytes)}${isPayloadCut || isLong ? " …" : ""}`];
}

// Null for what is no text; of a text that was cut the last character may be half.
function textOf(bytes: Uint8Array): string | null {
  const text = new TextDecoder().decode(bytes).replace(/\u{fffd}$/u, "");
  return /[^\P{C}\n\r\t]|\u{fffd}/u.test(text) ? null : text.replaceAll("\n", `\n${INDENT}`);
}

function hexOf(bytes: Buffer): string {
  return `hex ${bytes.toString("hex", 0, HEX_BYTES_MAX)}`;
}

function quote(text: string): string {
  return `"${printable(text)}"`;
}
