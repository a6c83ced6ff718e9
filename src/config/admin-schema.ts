// The keys of the admin address in fairlead.yaml: where it is, who may do what there, the socket
// for HAProxy's tools.
//
// One row a key, as in schema.ts, which puts this section where it belongs.

import * as z from "zod";
import { parseListenAddress } from "./address.ts";
import { parsePasswordHash, parseTokenHash } from "./credential.ts";
import {
  choice,
  listenAddress,
  named,
  optional,
  required,
  section,
  text,
  withDefault,
} from "./field.ts";
import type { SocketAddress } from "./settings.ts";
import { file, texts } from "./transport-field.ts";

/** What the kernel takes for the path of a socket, without its last zero. */
const SOCKET_PATH_MAX = 107;

function secret(isOne: (text: string) => boolean, expected: string) {
  const schema = z.string().max(512).refine(isOne, "Invalid hash");
  return { schema, kind: "text", expected, secret: true } as const;
}

const user = section({
  role: withDefault(choice(["read-only", "operator"]), {
    value: "read-only",
    takesEffect: "live",
    doc: "`read-only` sees everything; an `operator` may change servers, end connections, reload.",
  }),
  password: optional(
    secret((hash) => parsePasswordHash(hash) !== null, "what `fairlead ctl hash-password` prints"),
    {
      fallback: "none",
      takesEffect: "live",
      doc: "For Basic authentication: the hash that `fairlead ctl hash-password` prints.",
    },
  ),
  token: optional(
    secret((hash) => parseTokenHash(hash) !== null, "what `fairlead ctl draw-token` prints"),
    {
      fallback: "none",
      takesEffect: "live",
      doc:
        "For Bearer authentication: the hash of a token that `fairlead ctl draw-token` " +
        "has drawn.",
    },
  ),
});

const tls = section({
  certificate: required(file(), {
    takesEffect: "restart",
    doc: "PEM: the certificate, then its issuers in order; the key too, without `key`.",
    placeholder: "placeholder.pem",
  }),
  key: optional(file(), {
    fallback: "in the certificate's file",
    takesEffect: "restart",
    doc: "PEM: the private key, not encrypted.",
  }),
});

function socketAddress() {
  const schema = z.string().transform((written, context): SocketAddress => {
    const listen = parseListenAddress(written);
    if (listen !== null) return { kind: "tcp", listen };
    const isPath = /^\/[^\0]+$/.test(written) && Buffer.byteLength(written) <= SOCKET_PATH_MAX;
    if (isPath) return { kind: "unix", path: written };
    context.addIssue({ code: "custom", message: "Invalid address" });
    return z.NEVER;
  });
  const expected = "an absolute path such as /run/fairlead.sock, or an IP address and a port";
  return { schema, kind: "text", expected } as const;
}

const haproxySocket = section({
  listen: required(socketAddress(), {
    takesEffect: "restart",
    doc: "A Unix socket by its absolute path, or a port on loopback.",
    placeholder: "/run/fairlead.sock",
  }),
  level: withDefault(choice(["user", "operator", "admin"]), {
    value: "operator",
    takesEffect: "restart",
    doc:
      "HAProxy's levels: `user` and `operator` only look, `admin` may change servers and end " +
      "connections.",
  }),
  mode: withDefault(
    text({ max: 4, pattern: /^0?[0-7]{3}$/, expected: 'permissions in octal such as "600"' }),
    {
      value: "600",
      takesEffect: "restart",
      doc: "Permissions of the Unix socket, in octal and in quotes.",
    },
  ),
});

export const adminSchema = section({
  listen: withDefault(listenAddress(), {
    value: "127.0.0.1:8888",
    takesEffect: "restart",
    doc:
      "Where pages, metrics and API are served. Other machines may only reach it where `users` " +
      "or `anonymous` say who may do what.",
  }),
  users: withDefault(named("users", user), {
    value: {},
    takesEffect: "live",
    doc: "Who may log in, by name.",
  }),
  anonymous: optional(choice(["none", "read-only", "operator"]), {
    fallback: "`operator` on loopback without `users`, else `none`",
    takesEffect: "live",
    doc:
      "What those may who show neither token nor password; `operator` on loopback only. Health " +
      "and readiness answer everybody.",
  }),
  hosts: withDefault(
    texts({
      max: 100,
      pattern: /^[A-Za-z0-9._-]+$/,
      expected: "a list of host names such as [balancer.example]",
    }),
    {
      value: [],
      takesEffect: "live",
      doc:
        "Names by which browsers may ask for it, besides IP addresses and `localhost`; a page of " +
        "another site cannot pass itself off as this one (DNS rebinding).",
    },
  ),
  tls: optional(tls, {
    fallback: "none",
    takesEffect: "restart",
    doc: "Serves pages, metrics and API over HTTPS only.",
  }),
  haproxySocket: optional(haproxySocket, {
    fallback: "none",
    takesEffect: "restart",
    doc:
      "A socket that answers HAProxy's commands (`show stat`, `set server`) for tools that speak " +
      "to HAProxy.",
  }),
});
