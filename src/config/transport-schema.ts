// The keys in fairlead.yaml of what lies between TCP and MQTT besides TLS: PROXY headers, WebSocket
// and where connections to servers come from.
//
// One row a key, as in schema.ts, which puts these sections where they belong.

import * as z from "zod";
import { TLV_NAMES } from "../proxy-protocol/tlv-name.ts";
import {
  choice,
  count,
  duration,
  optional,
  required,
  section,
  size,
  text,
  withDefault,
} from "./field.ts";
import { listenerTlsSchema, serverTlsSchema } from "./tls-schema.ts";
import {
  choices,
  networks,
  orFalse,
  serverNames,
  sourceAddress,
  texts,
} from "./transport-field.ts";

const DEADLINE = { min: "100ms", max: "10m" };

const path = /^\/[!-"$->@-~]*$/;

const listenerWebSocketSchema = section({
  paths: withDefault(
    texts({ max: 100, pattern: path, expected: "a list of paths such as [/mqtt]" }),
    {
      value: ["/mqtt"],
      takesEffect: "drain",
      doc: "Paths that speak WebSocket; requests for others are answered with 404.",
    },
  ),
  origins: withDefault(
    texts({
      max: 1000,
      pattern: /^([A-Za-z][A-Za-z0-9+.-]*:\/\/[^/\s]+|null)$/,
      expected: "a list of origins such as [https://app.example]",
    }),
    {
      value: [],
      takesEffect: "drain",
      doc: "Origins that browsers may come from; an empty list allows all.",
    },
  ),
  frameSize: withDefault(size({ min: "1KiB", max: "256MiB" }), {
    value: "16MiB",
    takesEffect: "drain",
    doc: "The largest frame that is taken from a client; a larger one ends the connection.",
  }),
  deadline: withDefault(duration(DEADLINE), {
    value: "10s",
    takesEffect: "drain",
    doc: "Time that a client has until its whole HTTP request is there.",
  }),
});

const serverWebSocketSchema = section({
  path: withDefault(text({ max: 1024, pattern: path, expected: "a path such as /mqtt" }), {
    value: "/mqtt",
    takesEffect: "drain",
    doc: "The path that is asked for.",
  }),
  host: optional(
    text({
      max: 300,
      pattern: /^[A-Za-z0-9._:[\]-]+$/,
      expected: "a host, with or without a port",
    }),
    {
      fallback: "the server's address",
      takesEffect: "drain",
      doc: "The Host header of the request.",
    },
  ),
});

const proxyHeaderInSchema = section({
  mode: withDefault(choice(["required", "optional"]), {
    value: "required",
    takesEffect: "drain",
    doc: "`required` refuses clients without a header; `optional` takes them as they are.",
  }),
  from: withDefault(networks(), {
    value: [],
    takesEffect: "drain",
    doc:
      "Addresses and networks of those who may send a header, which others then cannot forge; " +
      "an empty list believes everyone.",
  }),
  deadline: withDefault(duration(DEADLINE), {
    value: "10s",
    takesEffect: "drain",
    doc: "Time from the accept until the whole header is there.",
  }),
});

const proxyHeaderOut = section({
  version: required(choice(["v1", "v2"]), {
    takesEffect: "drain",
    doc: "`v1` is a line of text, `v2` is binary and may say more.",
    placeholder: "v2",
  }),
  tlvs: withDefault(choices(TLV_NAMES), {
    value: [],
    takesEffect: "drain",
    doc:
      "What a `v2` header says besides addresses, where it is known; those that start with " +
      "`ssl-` bring `ssl` along.",
  }),
});

const shortProxyHeaderOut = z
  .enum(["v1", "v2"])
  .transform((version) => proxyHeaderOut.schema.parse({ version }));

const proxyHeaderOutSchema = {
  schema: z.union([shortProxyHeaderOut, proxyHeaderOut.schema]),
  kind: "section",
  expected: "v1, v2 or a mapping with the keys version, tlvs",
  choices: ["v1", "v2"],
} as const;

const KEEP_ALIVE_TIME = { min: "1s", max: "9h" };
const KERNELS_OWN = "what the kernel has by itself";

const tcpKeepAlive = section({
  idle: optional(duration(KEEP_ALIVE_TIME), {
    fallback: KERNELS_OWN,
    takesEffect: "drain",
    doc: "Silence before the first probe, in whole seconds.",
  }),
  interval: optional(duration(KEEP_ALIVE_TIME), {
    fallback: KERNELS_OWN,
    takesEffect: "drain",
    doc: "From one probe to the next, in whole seconds.",
  }),
  count: optional(count({ min: 1, max: 127 }), {
    fallback: KERNELS_OWN,
    takesEffect: "drain",
    doc: "Probes without an answer after which the connection ends.",
  }),
});

const tcpKeepAliveSchema = {
  schema: z.union([z.boolean(), tcpKeepAlive.schema]),
  kind: "section",
  expected: `true, false or ${tcpKeepAlive.expected}`,
  choices: ["true", "false"],
} as const;

/** What a listener has before MQTT. */
export const listenerTransportKeys = {
  proxyProtocol: optional(proxyHeaderInSchema, {
    fallback: "no header is expected",
    takesEffect: "drain",
    doc:
      "Versions 1 and 2 of the PROXY protocol: a balancer in front names its clients. `{}` " +
      "requires a header.",
  }),
  tls: optional(listenerTlsSchema, {
    fallback: "plain TCP",
    takesEffect: "drain",
    doc: "TLS that ends here.",
  }),
  websocket: optional(listenerWebSocketSchema, {
    fallback: "no WebSocket",
    takesEffect: "drain",
    doc: "MQTT comes in WebSocket frames. `{}` takes every default.",
  }),
  serverNames: withDefault(serverNames(), {
    value: {},
    takesEffect: "drain",
    doc:
      "Pools by the name that clients ask for by SNI: `a.example: pool`, or `*.a.example: pool` " +
      "for one label more. Other clients get `pool`.",
  }),
  tcpKeepAlive: withDefault(tcpKeepAliveSchema, {
    value: false,
    takesEffect: "drain",
    doc:
      "The kernel asks silent clients whether they are still there (tcp(7)), for networks that " +
      "forget connections. MQTT's own keep alive finds dead clients without it.",
  }),
} as const;

const TLS = "TLS towards servers.";
const WEBSOCKET =
  "MQTT goes to servers in WebSocket frames. Without it, WebSocket ends here, and servers get " +
  "plain MQTT.";
const PROXY_PROTOCOL = "A PROXY header tells servers the client's address.";
const SOURCE =
  "Where connections to servers, those of checks too, come from: an address of this machine, or " +
  "several that take " +
  "turns, because each has ports for some 28,000 connections to a server " +
  "(net.ipv4.ip_local_port_range); or `client` for the client's own, which wants CAP_NET_ADMIN " +
  "and a route back through this machine.";

/** How the servers of a pool are spoken to, below MQTT. */
export const poolTransportKeys = {
  tls: optional(serverTlsSchema, { fallback: "plain TCP", takesEffect: "drain", doc: TLS }),
  websocket: optional(serverWebSocketSchema, {
    fallback: "no WebSocket",
    takesEffect: "drain",
    doc: WEBSOCKET,
  }),
  proxyProtocol: optional(proxyHeaderOutSchema, {
    fallback: "no header",
    takesEffect: "drain",
    doc: PROXY_PROTOCOL,
  }),
  source: optional(sourceAddress(), {
    fallback: "the kernel's choice",
    takesEffect: "drain",
    doc: SOURCE,
  }),
  tcpKeepAlive: withDefault(tcpKeepAliveSchema, {
    value: false,
    takesEffect: "drain",
    doc: "The same towards the servers of this pool.",
  }),
} as const;

const AS_THE_POOL = "as the pool has it";
const INSTEAD = "Instead of the pool's; `false` for none.";

/** The same for one server. */
export const serverTransportKeys = {
  tls: optional(orFalse(serverTlsSchema), {
    fallback: AS_THE_POOL,
    takesEffect: "drain",
    doc: `${TLS} ${INSTEAD}`,
  }),
  websocket: optional(orFalse(serverWebSocketSchema), {
    fallback: AS_THE_POOL,
    takesEffect: "drain",
    doc: `WebSocket towards this server. ${INSTEAD}`,
  }),
  proxyProtocol: optional(orFalse(proxyHeaderOutSchema), {
    fallback: AS_THE_POOL,
    takesEffect: "drain",
    doc: `${PROXY_PROTOCOL} ${INSTEAD}`,
  }),
  source: optional(sourceAddress(), {
    fallback: AS_THE_POOL,
    takesEffect: "drain",
    doc: "Where connections to this server come from.",
  }),
} as const;
