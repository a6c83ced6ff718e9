// The keys of health checks in fairlead.yaml: `check`, `agentCheck` and `observe` of a pool, and
// what a server may have different from its pool.
//
// One row a key, as in schema.ts, which puts these sections where they belong.

import * as z from "zod";
import { httpSchema, scriptSchema, visible } from "./check-content-schema.ts";
import type { MqttVersion } from "./check-settings.ts";
import {
  asItem,
  choice,
  count,
  duration,
  flag,
  optional,
  required,
  section,
  text,
  withDefault,
} from "./field.ts";

const CHECK_TYPES = [
  "tcp",
  "mqtt",
  "mqtt-message",
  "http",
  "script",
  "emqx",
  "rabbitmq",
  "hivemq",
  "vernemq",
  "nats",
  "none",
] as const;

const INTERVAL = { min: "10ms", max: "1h" };
const TIMEOUT = { min: "10ms", max: "10m" };
const PORT = { min: 1, max: 65_535 };

// YAML reads an unquoted 5.0 as the number 5.
const mqttVersion = {
  schema: z
    .union([z.enum(["3.1.1", "5.0"]), z.literal(5)])
    .transform((written): MqttVersion => (written === 5 ? "5.0" : written)),
  kind: "choice",
  expected: "one of 3.1.1, 5.0",
  bounds: "3.1.1, 5.0",
  choices: ["3.1.1", "5.0"],
} as const;

const address = () =>
  text({
    max: 64,
    pattern: /^(\d+\.\d+\.\d+\.\d+|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?)$/,
    expected: "an IP address without a port, such as 10.0.0.1",
  });

export const checkSchema = section({
  type: withDefault(choice(CHECK_TYPES), {
    value: "tcp",
    takesEffect: "live",
    doc:
      "`tcp` connects and closes. `mqtt` connects as an MQTT client, expects CONNACK 0, sends " +
      "PINGREQ and DISCONNECT. `mqtt-message` subscribes, publishes and waits for its own " +
      "message. `http` makes one request. `script` sends and expects what `script` says. " +
      "`emqx`, `rabbitmq`, `hivemq`, `vernemq` and `nats` ask the broker's own HTTP endpoint " +
      "for load balancers. `none` trusts that servers are up.",
  }),
  interval: withDefault(duration(INTERVAL), {
    value: "2s",
    takesEffect: "live",
    doc: "Time from the start of one check of a server to the start of the next.",
  }),
  fastInterval: optional(duration(INTERVAL), {
    fallback: "500ms, or interval if that is shorter",
    takesEffect: "live",
    doc: "The interval while a server is on its way up or down.",
  }),
  downInterval: optional(duration(INTERVAL), {
    fallback: "interval",
    takesEffect: "live",
    doc: "The interval while a server is down.",
  }),
  spread: withDefault(count({ min: 0, max: 50 }), {
    value: 10,
    takesEffect: "live",
    doc: "Percent by which an interval may be longer or shorter, so that checks do not bunch.",
  }),
  timeout: optional(duration(TIMEOUT), {
    fallback: "2s, or interval if that is shorter",
    takesEffect: "live",
    doc:
      "Time that a whole check may take; the next one waits for its end. Where the machine stood " +
      "still meanwhile, it gets that time once more.",
  }),
  rise: withDefault(count({ min: 1, max: 100 }), {
    value: 2,
    takesEffect: "live",
    doc: "Checks in a row that must succeed before a server that is down counts as up.",
  }),
  fall: withDefault(count({ min: 1, max: 100 }), {
    value: 3,
    takesEffect: "live",
    doc: "Checks in a row that must fail before a server that is up counts as down.",
  }),
  initial: withDefault(choice(["up", "fully-up", "down", "fully-down"]), {
    value: "up",
    takesEffect: "live",
    doc:
      "What a server is before its first check. `up` and `down`: that check alone decides. " +
      "`fully-up` and `fully-down`: `fall` or `rise` checks do.",
  }),
  port: optional(count(PORT), {
    fallback: "the server's port, or the one that the kind of broker has",
    takesEffect: "live",
    doc: "The port that is checked, where it is not the one that clients are sent to.",
  }),
  address: optional(address(), {
    fallback: "the server's address",
    takesEffect: "live",
    doc: "The IP address that is checked, where it is not the one that clients are sent to.",
  }),
  tls: withDefault(choice(["inherit", "on", "off"]), {
    value: "inherit",
    takesEffect: "live",
    doc:
      "Whether checks are made over TLS. `inherit`: where the pool's servers are spoken to over " +
      "TLS, unless the check has a port or an address of its own.",
  }),
  verify: withDefault(choice(["inherit", "none"]), {
    value: "inherit",
    takesEffect: "live",
    doc:
      "Whether checks over TLS verify the server's certificate. `inherit`: as the pool's `tls` " +
      "has it, else against the authorities of the system.",
  }),
  serverName: optional(visible("a host name"), {
    fallback: "as the pool has it, else the server's host name",
    takesEffect: "live",
    doc: "The name that checks over TLS ask for by SNI and verify.",
  }),
  alpn: optional(
    {
      schema: z.array(
        asItem(visible("a protocol such as mqtt"), {
          takesEffect: "live",
          doc: "One protocol.",
        }),
      ),
      kind: "text",
      expected: "a list of protocols, such as [mqtt]",
    },
    { fallback: "as the pool has it", takesEffect: "live", doc: "ALPN of checks over TLS." },
  ),
  proxyProtocol: withDefault(choice(["inherit", "v1", "v2", "off"]), {
    value: "inherit",
    takesEffect: "live",
    doc:
      "The PROXY header that checks begin with. `inherit`: as for clients, unless the check has " +
      "a port or an address of its own.",
  }),
  proxyCommand: withDefault(choice(["proxy", "local"]), {
    value: "proxy",
    takesEffect: "live",
    doc:
      "Whom that header names. `proxy`: the balancer's own address, as if it were a client, " +
      "which every broker understands. `local`: nobody, as the protocol has it for checks " +
      "(LOCAL; UNKNOWN in v1); some brokers end such connections with an error in their log.",
  }),
  websocket: withDefault(choice(["inherit", "off"]), {
    value: "inherit",
    takesEffect: "live",
    doc:
      "Whether `mqtt` and `mqtt-message` checks go through WebSocket where the pool's servers " +
      "are spoken to so, unless the check has a port or an address of its own.",
  }),
  version: withDefault(mqttVersion, {
    value: "3.1.1",
    takesEffect: "live",
    doc: "The version of MQTT that an `mqtt` check speaks.",
  }),
  clientIdPrefix: withDefault(
    text({
      max: 64,
      pattern: /^[A-Za-z0-9._:-]+$/,
      expected: "1 to 64 letters, digits or . _ : -",
    }),
    {
      value: "fairlead-check-",
      takesEffect: "live",
      doc: "How the client ids of `mqtt` checks start, so that brokers' logs tell them apart.",
    },
  ),
  userName: optional(text({ max: 256 }), {
    fallback: "none",
    takesEffect: "live",
    doc: "The user name of `mqtt` checks, and of HTTP checks (Basic authentication).",
  }),
  password: optional(text({ max: 1024, secret: true }), {
    fallback: "none",
    takesEffect: "live",
    doc: "The password that belongs to it, best taken from an environment variable.",
  }),
  topicPrefix: withDefault(
    text({ max: 256, pattern: /^[^+#\0]+$/, expected: "a topic without wildcards" }),
    {
      value: "fairlead/check",
      takesEffect: "live",
      doc: "The topic of `mqtt-message` checks is this, a slash and the client id.",
    },
  ),
  qos: withDefault(count({ min: 0, max: 1 }), {
    value: 0,
    takesEffect: "live",
    doc: "The QoS at which `mqtt-message` checks publish and subscribe.",
  }),
  across: withDefault(flag(), {
    value: false,
    takesEffect: "live",
    doc:
      "Whether `mqtt-message` checks publish through another server of the pool than the one " +
      "they wait at, so that a cluster that has fallen apart is seen.",
  }),
  http: withDefault(httpSchema, {
    value: {},
    takesEffect: "live",
    doc: "The request of `http` checks and of the kinds of broker.",
  }),
  script: optional(scriptSchema, {
    fallback: "none",
    takesEffect: "live",
    doc: "The steps of `script` checks.",
  }),
});

/** What a server may have different from its pool. */
export const serverCheckSchema = section({
  enabled: withDefault(flag(), {
    value: true,
    takesEffect: "live",
    doc: "Whether the server is checked at all; without, it counts as up.",
  }),
  interval: optional(duration(INTERVAL), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `check.interval`.",
  }),
  fastInterval: optional(duration(INTERVAL), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `check.fastInterval`.",
  }),
  downInterval: optional(duration(INTERVAL), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `check.downInterval`.",
  }),
  rise: optional(count({ min: 1, max: 100 }), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `check.rise`.",
  }),
  fall: optional(count({ min: 1, max: 100 }), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `check.fall`.",
  }),
  port: optional(count(PORT), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `check.port`.",
  }),
  address: optional(address(), {
    fallback: "the pool's",
    takesEffect: "live",
    doc: "As the pool's `check.address`.",
  }),
});

export const agentCheckSchema = section({
  port: required(count(PORT), {
    takesEffect: "live",
    doc: "The port of the server's machine on which the program answers.",
    placeholder: 1,
  }),
  address: optional(address(), {
    fallback: "the server's address",
    takesEffect: "live",
    doc: "The IP address on which the program answers.",
  }),
  interval: withDefault(duration(INTERVAL), {
    value: "2s",
    takesEffect: "live",
    doc: "Time from one question to the next.",
  }),
  timeout: optional(duration(TIMEOUT), {
    fallback: "interval",
    takesEffect: "live",
    doc: "Time that an answer may take.",
  }),
  send: optional(text({ max: 256 }), {
    fallback: "nothing",
    takesEffect: "live",
    doc: "What the program is sent first.",
  }),
});

export const observeSchema = section({
  mode: withDefault(choice(["dials", "connections", "max-fails", "off"]), {
    value: "dials",
    takesEffect: "live",
    doc:
      "`dials`: each failed connection of a client to a server counts as a failed check. " +
      "`connections`: `errorLimit` of them in a row do what `onError` says. `max-fails`: " +
      "`maxFails` of them within `failTimeout` take the server out for as long, checks or none. " +
      "`off`: only checks count.",
  }),
  errorLimit: withDefault(count({ min: 1, max: 1_000_000 }), {
    value: 10,
    takesEffect: "live",
    doc: "Failed connections in a row that count as one error.",
  }),
  onError: withDefault(choice(["fail-check", "mark-down", "sudden-death", "fast-interval"]), {
    value: "fail-check",
    takesEffect: "live",
    doc:
      "`fail-check` counts a failed check; `sudden-death` counts so many that the next failed " +
      "one takes the server down; `mark-down` takes it down; each makes the next check come at " +
      "the fast interval, which is all that `fast-interval` does.",
  }),
  maxFails: withDefault(count({ min: 1, max: 1_000_000 }), {
    value: 1,
    takesEffect: "live",
    doc: "Failed connections that take a server out.",
  }),
  failTimeout: withDefault(duration({ min: "100ms", max: "1d" }), {
    value: "10s",
    takesEffect: "live",
    doc: "The time within which they count, and for which the server is then out.",
  }),
});
