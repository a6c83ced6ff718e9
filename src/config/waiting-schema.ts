// The keys of waiting in fairlead.yaml: `queue`, `fullAt`, `dial` and `timeouts` of a pool. Who
// waits for a place, how long an attempt to reach a server may take, and how long connections may
// be silent.
//
// One row a key, as in schema.ts, which puts these keys where they belong.

import {
  choice,
  count,
  duration,
  durationOrNever,
  flag,
  optional,
  section,
  withDefault,
} from "./field.ts";

const dial = section({
  timeout: withDefault(duration({ min: "10ms", max: "5m" }), {
    value: "5s",
    takesEffect: "drain",
    doc: "Time that one attempt to connect to a server may take.",
  }),
  retries: withDefault(count({ min: 0, max: 100 }), {
    value: 1,
    takesEffect: "drain",
    doc: "Further attempts on the same server after a failed one.",
  }),
  redispatches: withDefault(count({ min: 0, max: 100 }), {
    value: 3,
    takesEffect: "drain",
    doc: "Further servers that are tried after that, inside the same client connection.",
  }),
});

const queue = section({
  timeout: withDefault(duration({ min: "100ms", max: "1h" }), {
    value: "5s",
    takesEffect: "drain",
    doc: "How long a client waits for a place before it is told that the servers are busy.",
  }),
  length: withDefault(count({ min: 0, max: 10_000_000 }), {
    value: 0,
    takesEffect: "drain",
    doc: "Clients that wait at once, in each worker; 0 sets no limit of its own.",
  }),
  perServer: withDefault(count({ min: 0, max: 10_000_000 }), {
    value: 0,
    takesEffect: "drain",
    doc:
      "Clients that wait at once for one server, in all workers, where those of a hash wait for " +
      "their own (`whenFull: wait`), or those that stick; 0 sets no limit of its own.",
  }),
  sticky: withDefault(choice(["next", "wait", "wait-or-next"]), {
    value: "next",
    takesEffect: "drain",
    doc:
      "What becomes of a client whose sticky server is full: it goes to the next one that has " +
      "room (and sticks there), or it waits for its own, whoever else has room. " +
      "`wait-or-next` goes elsewhere once `perServer` others wait there.",
  }),
});

const timeouts = section({
  idle: withDefault(durationOrNever({ min: "1s", max: "30d" }), {
    value: "30m",
    takesEffect: "drain",
    doc:
      "Silence in both directions after which a connection ends, where no keep alive counts: " +
      "see followKeepAlive.",
  }),
  followKeepAlive: withDefault(flag(), {
    value: true,
    takesEffect: "drain",
    doc:
      "Whether an MQTT client with a keep alive may be silent for one and a half times that " +
      "instead, as MQTT has it. The keep alive that the server gives in its CONNACK counts.",
  }),
  finish: withDefault(durationOrNever({ min: "100ms", max: "30d" }), {
    value: "10s",
    takesEffect: "drain",
    doc: "How long one direction may stay open after the other has ended.",
  }),
});

/** Of a pool. */
export const poolWaitingKeys = {
  queue: optional(queue, {
    fallback: "none",
    takesEffect: "drain",
    doc:
      "Lets clients wait when every server has reached its `connections`, first come first " +
      "served, their CONNECT held; without it they are refused at once.",
  }),
  fullAt: optional(count({ min: 1, max: 10_000_000 }), {
    fallback: "a tenth of what the listeners that lead here take",
    takesEffect: "drain",
    doc:
      "Clients of the pool, those that wait included, from which on its servers with a " +
      "`connectionsFrom` get all of their `connections`. A listener without a limit of its own " +
      "takes what the process does.",
  }),
  dial: withDefault(dial, {
    value: {},
    takesEffect: "drain",
    doc: "How servers are connected to.",
  }),
  timeouts: withDefault(timeouts, {
    value: {},
    takesEffect: "drain",
    doc: "When connections that do nothing end.",
  }),
};
