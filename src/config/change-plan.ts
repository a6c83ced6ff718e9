// What of changed settings has to wait for a restart: threads, sizes of memory and the like are
// made once. All else takes effect on a reload, as the schema's `takesEffect` says key by key.
//
// Pure. One row a key; a test holds the rows against the schema.

import { isDeepStrictEqual } from "node:util";
import type { AdminSettings, ListenerSettings, Settings } from "./settings.ts";

interface RestartKey {
  /** As it stands in the file, with `<name>` for names. */
  readonly key: string;
  /** What has to be equal for nothing to wait. */
  readonly read: (settings: Settings) => unknown;
  /** `settings` with the value that runs in place of its own. */
  readonly keep: (settings: Settings, running: Settings) => Settings;
}

export const RESTART_KEYS: readonly RestartKey[] = [
  {
    key: "workers",
    read: ({ workers }) => workers,
    keep: (settings, { workers }) => ({ ...settings, workers }),
  },
  {
    key: "reactor",
    read: ({ reactor }) => reactor,
    keep: (settings, { reactor }) => ({ ...settings, reactor }),
  },
  {
    key: "admin",
    read: ({ admin }) => (admin === null ? false : describeSockets(admin)),
    keep: (settings, { admin }) => ({ ...settings, admin: admin && keepSockets(settings, admin) }),
  },
  {
    key: "log.format",
    read: ({ log }) => log.format,
    keep: (settings, { log: { format } }) => ({ ...settings, log: { ...settings.log, format } }),
  },
  {
    key: "limits.connections",
    read: ({ limits }) => limits.connectionsMax,
    keep: (settings, { limits: { connectionsMax } }) => ({
      ...settings,
      limits: { ...settings.limits, connectionsMax },
    }),
  },
  {
    key: "limits.bufferMemory",
    read: ({ limits }) => limits.bufferMemoryBytes,
    keep: (settings, { limits: { bufferMemoryBytes } }) => ({
      ...settings,
      limits: { ...settings.limits, bufferMemoryBytes },
    }),
  },
  {
    key: "tls.ticketRotation",
    read: ({ tls }) => tls.ticketRotationMs,
    keep: (settings, { tls: { ticketRotationMs } }) => ({
      ...settings,
      tls: { ...settings.tls, ticketRotationMs },
    }),
  },
];

/** Of a listener: the setting, and its key. */
const SOCKET_OPTIONS = [
  ["backlog", "backlog"],
  ["transparent", "transparent"],
  ["ipv6Only", "ipv6Only"],
  ["device", "interface"],
] as const;

/** A key whose new value counts from the next start on. */
export interface WaitingChange {
  /** `workers`, `listeners.mqtt.backlog`. */
  readonly key: string;
  readonly running: unknown;
  readonly wanted: unknown;
}

export interface ChangePlan {
  /** What to run now: the new settings, but for what waits. */
  readonly settings: Settings;
  readonly waiting: readonly WaitingChange[];
}

/** @param running the settings as they were read for what runs now */
export function planChange(running: Settings, wanted: Settings): ChangePlan {
  let settings = wanted;
  const waiting: WaitingChange[] = [];
  for (const { key, read, keep } of RESTART_KEYS) {
    if (isDeepStrictEqual(read(running), read(wanted))) continue;
    settings = keep(settings, running);
    waiting.push({ key, running: read(running), wanted: read(wanted) });
  }
  const { listeners, changes } = keepSocketOptions(settings.listeners, running.listeners);
  return { settings: { ...settings, listeners }, waiting: [...waiting, ...changes] };
}

/** For the log and for `fairlead ctl`: `workers: 2 now, 4 from the next start on`. */
export function formatWaiting({ key, running, wanted }: WaitingChange): string {
  return `${key}: ${String(running)} now, ${String(wanted)} from the next start on`;
}

// Where it listens; not who may do what there.
function describeSockets({ listen, tls, haproxySocket }: AdminSettings): string {
  const secured = tls === null ? "" : ` with ${tls.material.certificates[0]!.file}`;
  if (haproxySocket === null) return `${listen.text}${secured}`;
  const { address, level, mode } = haproxySocket;
  const place = address.kind === "unix" ? address.path : address.listen.text;
  return `${listen.text}${secured} and ${place} (${level}, ${mode.toString(8)})`;
}

function keepSockets({ admin }: Settings, running: AdminSettings): AdminSettings {
  const { users, anonymous, hosts } = admin ?? running;
  // What the same files hold now counts for new handshakes.
  const isSame = admin?.tls && isDeepStrictEqual(admin.tls.source, running.tls?.source);
  return { ...running, users, anonymous, hosts, tls: isSame ? admin.tls : running.tls };
}

// What a socket was opened with stays with it.
function keepSocketOptions(
  wanted: readonly ListenerSettings[],
  running: readonly ListenerSettings[],
): { listeners: readonly ListenerSettings[]; changes: readonly WaitingChange[] } {
  const before = new Map(running.map((listener) => [listener.listen.text, listener]));
  const changes: WaitingChange[] = [];
  const listeners = wanted.map((listener) => {
    const opened = before.get(listener.listen.text) ?? listener;
    const { backlog, transparent, ipv6Only, device } = opened;
    const kept = { ...listener, backlog, transparent, ipv6Only, device };
    for (const [option, name] of SOCKET_OPTIONS) {
      if (kept[option] === listener[option]) continue;
      const key = `listeners.${listener.name}.${name}`;
      changes.push({ key, running: kept[option], wanted: listener[option] });
    }
    return kept;
  });
  return { listeners, changes };
}
