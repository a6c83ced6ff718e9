// The admin part of resolve.ts: makes settings of the section that says who may do what.

import { assert } from "../assert.ts";
import { isOnLoopback } from "./admin-rules.ts";
import type { Document } from "./schema.ts";
import type { AdminSettings } from "./settings.ts";
import type { TlsAnswers } from "./tls-files.ts";

/** @returns null when switched off */
export function resolveAdmin({ admin }: Document, answers: TlsAnswers): AdminSettings | null {
  if (admin === false) return null;
  const { listen, hosts, haproxySocket } = admin;
  const users = Object.entries(admin.users).map(([name, { role, password, token }]) => {
    return { name, role, password: password ?? null, token: token ?? null };
  });
  const isOpen = isOnLoopback(listen) && users.length === 0;
  return {
    listen,
    users,
    anonymous: admin.anonymous ?? (isOpen ? "operator" : "none"),
    hosts: hosts.map((host) => host.toLowerCase()),
    tls: admin.tls === undefined ? null : resolveTls(answers),
    haproxySocket: haproxySocket === undefined ? null : resolveSocket(haproxySocket),
  };
}

function resolveTls(answers: TlsAnswers): AdminSettings["tls"] {
  const answer = answers.get("admin.tls");
  const material = answer?.reading.material ?? null;
  assert(answer !== undefined && material !== null, "Files are good once the rules have passed");
  assert(material.certificates.length > 0, "A certificate was read");
  return { source: answer.source, material };
}

type SocketDocument = NonNullable<Exclude<Document["admin"], false>["haproxySocket"]>;

function resolveSocket({ listen, level, mode }: SocketDocument): AdminSettings["haproxySocket"] {
  return { address: listen, level, mode: Number.parseInt(mode, 8) };
}
