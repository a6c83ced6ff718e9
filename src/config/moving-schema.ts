// The keys of fairlead.yaml about clients that move: how a server is emptied, how shares are made
// even again, how fast those are let in who come all at once.

import { choice, count, duration, optional, section, text, withDefault } from "./field.ts";
import { rate } from "./rules-schema.ts";

const wills = withDefault(choice(["published", "discarded"]), {
  value: "published",
  takesEffect: "live",
  doc:
    "What becomes of the last wills of clients that are sent away. `published`: as MQTT has it " +
    "for a connection that its client does not end. `discarded`: their server is told goodbye in " +
    "their name; who does not come back then leaves without a word.",
});

const drain = section({
  rate: withDefault(rate, {
    value: "50/s",
    takesEffect: "live",
    doc: "Clients that are sent away, over all workers.",
  }),
  jitter: withDefault(count({ min: 0, max: 100 }), {
    value: 50,
    takesEffect: "live",
    doc:
      "How irregularly, in percent of the time between two of them, so that they do not all come " +
      "back in step.",
  }),
  deadline: withDefault(duration({ min: "1s", max: "7d" }), {
    value: "10m",
    takesEffect: "live",
    doc: "After which those who are left go as they are, even in the middle of a packet.",
  }),
  reason: withDefault(choice(["use-another-server", "server-moved"]), {
    value: "use-another-server",
    takesEffect: "live",
    doc:
      "What clients of MQTT 5.0 are told. `use-another-server` (0x9C): elsewhere for now, as " +
      "while a server is upgraded. `server-moved` (0x9D): elsewhere from now on, as when a " +
      "server goes for good; give the others a `publicName`, so that clients learn where.",
  }),
  wills,
});

const rebalance = section({
  mode: withDefault(choice(["off", "manual", "automatic"]), {
    value: "manual",
    takesEffect: "live",
    doc:
      "`manual`: clients are moved when the operator says so; `automatic`: also when a server " +
      "has joined or come back; `off`: never.",
  }),
  band: withDefault(count({ min: 1, max: 100 }), {
    value: 10,
    takesEffect: "live",
    doc: "How far from its share a server may be, in percent of that, before anybody is moved.",
  }),
  rate: withDefault(rate, {
    value: "50/s",
    takesEffect: "live",
    doc: "Clients that are moved, over all servers of the pool.",
  }),
  wills,
});

const BURST = { min: 1, max: 1_000_000 };

const admission = section({
  rate: optional(rate, {
    fallback: "no limit",
    takesEffect: "drain",
    doc: "New clients that the pool takes, over all servers and workers.",
  }),
  burst: optional(count(BURST), {
    fallback: "a twentieth of a second's worth",
    takesEffect: "drain",
    doc: "How many of them may come at once.",
  }),
  perServer: optional(rate, {
    fallback: "no limit",
    takesEffect: "drain",
    doc: "New connections that each server gets, those after a failed attempt included.",
  }),
  serverBurst: optional(count(BURST), {
    fallback: "a twentieth of a second's worth",
    takesEffect: "drain",
    doc: "How many of them may come at once.",
  }),
  maxDelay: withDefault(duration({ min: "100ms", max: "10m" }), {
    value: "5s",
    takesEffect: "drain",
    doc: "How long a client waits for its turn, its CONNECT held, before it is told to come later.",
  }),
  waiting: withDefault(count({ min: 1, max: 10_000_000 }), {
    value: 10_000,
    takesEffect: "drain",
    doc: "Clients that wait at once, in each worker; others are told so at once.",
  }),
});

const handshakes = section({
  rate: withDefault(rate, {
    value: "500/s",
    takesEffect: "drain",
    doc: "TLS handshakes that are begun, over all workers.",
  }),
  burst: optional(count(BURST), {
    fallback: "a twentieth of a second's worth",
    takesEffect: "drain",
    doc: "How many of them may begin at once.",
  }),
});

/** A rate of clients that are let in. */
export const accepts = section({
  rate: withDefault(rate, {
    value: "1000/s",
    takesEffect: "drain",
    doc: "Clients that are let in, over all workers; those whom rules refuse at accept are none.",
  }),
  burst: optional(count(BURST), {
    fallback: "a twentieth of a second's worth",
    takesEffect: "drain",
    doc: "How many of them may come at once.",
  }),
});

const takeover = section({
  size: withDefault(count({ min: 1, max: 10_000_000 }), {
    value: 100_000,
    takesEffect: "drain",
    doc:
      "Ids that are kept at once, about 132 bytes each; the one that connected first makes room. " +
      "Another size begins anew, without those that are connected.",
  }),
});

/** Keys of a pool. */
export const poolMovingKeys = {
  drain: withDefault(drain, {
    value: {},
    takesEffect: "live",
    doc:
      "How a server is emptied whose clients are to go elsewhere before it is taken out: those " +
      "without a session first, those with messages under way last, each between two packets.",
  }),
  rebalance: withDefault(rebalance, {
    value: {},
    takesEffect: "live",
    doc:
      "Moves the clients that servers have above their share to a server that has joined or come " +
      "back. Pools that choose by a hash, or fill their first server, are left alone.",
  }),
  admission: optional(admission, {
    fallback: "everybody at once",
    takesEffect: "drain",
    doc:
      "How fast clients are let in that come all at once, as after an outage. Who is known to a " +
      "server goes first; source networks (/24 and /64) take turns.",
  }),
  takeover: optional(takeover, {
    fallback: "no, balanced like any other",
    takesEffect: "drain",
    doc:
      "Whether a client id that is still connected through a server is sent to that server when " +
      "it comes again, whatever worker or listener it comes to: the broker then ends the old " +
      "connection itself and goes on with the session. `{}` is enough.",
  }),
} as const;

/** Keys of a listener. */
export const listenerMovingKeys = {
  handshakes: optional(handshakes, {
    fallback: "no limit",
    takesEffect: "drain",
    doc: "How fast TLS handshakes are begun; clients wait for their turn before they are heard.",
  }),
  accepts: optional(accepts, {
    fallback: "no limit",
    takesEffect: "drain",
    doc:
      "How fast clients are let in on each address of this listener. Those who come faster wait " +
      "in its `backlog`, and are told nothing.",
  }),
} as const;

/** Keys of a server. */
export const serverMovingKeys = {
  publicName: optional(
    text({
      max: 260,
      pattern: /^[A-Za-z0-9.-]{1,253}(:\d{1,5})?$|^\[[0-9a-fA-F:.]+\](:\d{1,5})?$/,
      expected: "a name or address that clients reach it by, such as broker1.example:8883",
    }),
    {
      fallback: "none",
      takesEffect: "drain",
      doc:
        "What clients may call it: who is sent away from another server is told of it (the " +
        "Server Reference of MQTT 5.0).",
    },
  ),
} as const;
