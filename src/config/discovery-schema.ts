// The keys of DNS discovery in fairlead.yaml: `resolvers`, and what a server says of its host name.

import * as z from "zod";
import {
  asItem,
  choice,
  count,
  duration,
  optional,
  section,
  serverAddress,
  text,
  withDefault,
} from "./field.ts";

const HOLD = { min: "0s", max: "7d" };

const hold = section({
  obsolete: withDefault(duration(HOLD), {
    value: "0s",
    takesEffect: "live",
    doc: "How long an address that is no longer in the answers is kept.",
  }),
  nx: withDefault(duration(HOLD), {
    value: "30s",
    takesEffect: "live",
    doc: "How long the last answer counts while the name server says that there is no such name.",
  }),
  refused: withDefault(duration(HOLD), {
    value: "30s",
    takesEffect: "live",
    doc: "How long the last answer counts while the name server refuses to answer.",
  }),
  timeout: withDefault(duration(HOLD), {
    value: "30s",
    takesEffect: "live",
    doc: "How long the last answer counts while no name server answers.",
  }),
  other: withDefault(duration(HOLD), {
    value: "30s",
    takesEffect: "live",
    doc: "How long the last answer counts while answers make no sense.",
  }),
});

export const resolverSchema = section({
  nameServers: optional(
    {
      schema: z
        .array(
          asItem(serverAddress(), { takesEffect: "live", doc: "One name server, with its port." }),
        )
        .min(1),
      kind: "address",
      expected: "a list of addresses with ports, such as [10.0.0.53:53]",
    },
    {
      fallback: "those of /etc/resolv.conf",
      takesEffect: "live",
      doc: "The name servers that are asked, each by its IP address and port.",
    },
  ),
  interval: withDefault(duration({ min: "100ms", max: "1d" }), {
    value: "1s",
    takesEffect: "live",
    doc: "Time from an answer to the next question for the same name.",
  }),
  retry: withDefault(duration({ min: "50ms", max: "1m" }), {
    value: "1s",
    takesEffect: "live",
    doc: "Time until a question that is not answered is asked again.",
  }),
  retries: withDefault(count({ min: 1, max: 20 }), {
    value: 3,
    takesEffect: "live",
    doc: "How often a question is asked at most before the name servers count as silent.",
  }),
  hold: withDefault(hold, {
    value: {},
    takesEffect: "live",
    doc: "How long what was known counts on when answers change or fail to come.",
  }),
});

/** What a server says of its host name. */
export const serverDiscoveryKeys = {
  resolver: optional(text({ max: 64, expected: "the name of a resolver" }), {
    fallback: "none: a host name is looked up once, at the start",
    takesEffect: "drain",
    doc:
      "The resolver that looks the host name up, over and over. A name that begins with `_` is " +
      "that of a service (SRV): its records say port and weight. While there is no answer the " +
      "server is in maintenance.",
  }),
  slots: optional(count({ min: 1, max: 10_000 }), {
    fallback: "one server, under its own name",
    takesEffect: "drain",
    doc:
      "How many servers may be made of the addresses behind the host name: `name` and a number " +
      "from 1. They come and go with the answers.",
  }),
  prefer: withDefault(choice(["ipv4", "ipv6"]), {
    value: "ipv6",
    takesEffect: "live",
    doc: "Which kind of address a resolver asks for first; the other one counts only without it.",
  }),
};
