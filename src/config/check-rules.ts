// Rules about health checks: times agree, keys have an effect, lists say one thing an item, servers
// that are tracked exist.

import { brokerEndpoint } from "./broker-endpoints.ts";
import { formatDuration } from "./duration.ts";
import { nodeAt, type Path } from "./raw-document.ts";
import { qualifyServer, type Rule, type RuleContext } from "./rule.ts";
import type { Document, PoolDocument } from "./schema.ts";

export const checkTimesAgree: Rule = ({ document, report }) => {
  for (const [name, { check }] of Object.entries(document.pools)) {
    const { interval, fastInterval, timeout } = check;
    const path = ["pools", name, "check"];
    if (fastInterval !== undefined && fastInterval > interval) {
      const message = `pools.${name}.check.fastInterval is longer than the interval`;
      report({
        path: [...path, "fastInterval"],
        message,
        expected: `at most ${formatDuration(interval)}`,
      });
    }
    if (timeout !== undefined && timeout > interval) {
      const message = `pools.${name}.check.timeout is longer than the interval and delays checks`;
      report({ path: [...path, "timeout"], message, expected: null, severity: "warning" });
    }
  }
};

type CheckKey = keyof PoolDocument["check"] & string;

const EVERY_CHECK: readonly CheckKey[] = [
  "interval",
  "fastInterval",
  "downInterval",
  "spread",
  "timeout",
  "rise",
  "fall",
  "initial",
  "port",
  "address",
  "tls",
  "verify",
  "serverName",
  "alpn",
  "proxyProtocol",
  "proxyCommand",
];
const LOGIN: readonly CheckKey[] = ["userName", "password"];
const MQTT: readonly CheckKey[] = ["version", "clientIdPrefix", "websocket", ...LOGIN];
const MESSAGE: readonly CheckKey[] = ["topicPrefix", "qos", "across"];
const KEYS = [...new Set([...EVERY_CHECK, ...MQTT, ...MESSAGE, "http", "script"] as const)];

/** @returns the keys that a kind of check looks at, beside `type` */
function keysOfCheck(type: PoolDocument["check"]["type"]): readonly CheckKey[] {
  if (type === "none") return [];
  if (type === "mqtt") return [...EVERY_CHECK, ...MQTT];
  if (type === "mqtt-message") return [...EVERY_CHECK, ...MQTT, ...MESSAGE];
  if (type === "script") return [...EVERY_CHECK, "script"];
  const isHttp = type === "http" || brokerEndpoint(type) !== null;
  return isHttp ? [...EVERY_CHECK, ...LOGIN, "http"] : EVERY_CHECK;
}

export const checkKeysHaveEffect: Rule = ({ document, isGiven, report }) => {
  for (const [name, { check }] of Object.entries(document.pools)) {
    const used = keysOfCheck(check.type);
    for (const key of KEYS.filter((candidate) => !used.includes(candidate))) {
      const path = ["pools", name, "check", key];
      if (!isGiven(path)) continue;
      const message = `pools.${name}.check.${key} has no effect on checks of type ${check.type}`;
      report({ path, message, expected: null, severity: "warning", atKey: true });
    }
  }
};

/** [MQTT-3.1.2-22]: without a user name there can be no password in 3.1.1. */
export const checkPasswordHasUser: Rule = ({ document, report }) => {
  for (const [name, { check }] of Object.entries(document.pools)) {
    const { password, userName, version, type } = check;
    const isMqtt = type === "mqtt" || type === "mqtt-message";
    if (password === undefined || userName !== undefined) continue;
    if (!isMqtt || version === "5.0") continue;
    const message = `pools.${name}.check has a password and no user name, which MQTT 3.1.1 forbids`;
    const path = ["pools", name, "check", "password"];
    report({ path, message, expected: "a userName as well, or version: 5.0", atKey: true });
  }
};

const HTTP_EXPECTATIONS = ["status", "statusPattern", "body", "bodyPattern", "header"] as const;
const STEPS = ["connect", "send", "sendBinary", "expect"] as const;
const SCRIPT_EXPECTATIONS = ["string", "pattern", "binary", "binaryPattern"] as const;

export const expectationsAreSingle: Rule = (context) => {
  for (const [name, { check }] of Object.entries(context.document.pools)) {
    for (const [index, item] of (check.http.expect ?? []).entries()) {
      const path = ["pools", name, "check", "http", "expect", index];
      reportUnlessSingle(context, path, item, HTTP_EXPECTATIONS);
    }
  }
};

export const scriptStepsAreSingle: Rule = (context) => {
  for (const [name, { check }] of Object.entries(context.document.pools)) {
    for (const [index, step] of (check.script ?? []).entries()) {
      const path = ["pools", name, "check", "script", index];
      reportUnlessSingle(context, path, step, STEPS);
      if (step.expect === undefined) continue;
      reportUnlessSingle(context, [...path, "expect"], step.expect, SCRIPT_EXPECTATIONS);
    }
  }
};

function reportUnlessSingle<Name extends string>(
  { written, report }: RuleContext,
  path: Path,
  item: Readonly<Partial<Record<Name, unknown>>>,
  names: readonly Name[],
): void {
  const given = names.filter((name) => item[name] !== undefined);
  if (given.length === 1) return;
  // What was written and is not there was a mistake of its own.
  if (given.length === 0 && names.some((name) => nodeAt(written, [...path, name]))) return;
  const message = given.length === 0 ? "this item says nothing" : `it has ${given.join(" and ")}`;
  report({ path, message, expected: `one of ${names.join(", ")}` });
}

export const scriptIsThere: Rule = ({ document, isGiven, report }) => {
  for (const [name, { check }] of Object.entries(document.pools)) {
    const path = ["pools", name, "check", "script"];
    if (check.type !== "script" || isGiven(path)) continue;
    const message = `pools.${name}.check is of type script and has no script`;
    const expected = "a list of steps, such as [{ send: PING }, { expect: { string: PONG } }]";
    report({ path: ["pools", name, "check", "type"], message, expected });
  }
};

export const acrossNeedsTwo: Rule = ({ document, report }) => {
  for (const [name, { check, servers }] of Object.entries(document.pools)) {
    if (check.type !== "mqtt-message" || !check.across || servers.length > 1) continue;
    const message = `pools.${name} has one server, so no message can come across another`;
    const path = ["pools", name, "check", "across"];
    report({ path, message, expected: null, severity: "warning" });
  }
};

export const observingNeedsChecks: Rule = ({ document, isGiven, report }) => {
  for (const [name, { check, observe }] of Object.entries(document.pools)) {
    const path = ["pools", name, "observe", "mode"];
    const isInVain = observe.mode === "connections" || observe.mode === "dials";
    if (check.type !== "none" || !isInVain || !isGiven(path)) continue;
    const message = `pools.${name}.observe.mode ${observe.mode} has no effect without checks`;
    report({ path, message, expected: "a type of check, or max-fails", severity: "warning" });
  }
};

export const trackedServersExist: Rule = ({ document, report }) => {
  const tracks = listTracks(document);
  for (const [pool, { servers }] of Object.entries(document.pools)) {
    for (const [index, { track }] of servers.entries()) {
      if (track === undefined) continue;
      const path = ["pools", pool, "servers", index, "track"];
      const tracked = qualifyServer(track, pool);
      if (!tracks.has(tracked)) {
        report({ path, message: `there is no server "${tracked}"`, expected: "a server to track" });
      } else if (leadsInCircle(tracked, tracks)) {
        report({
          path,
          message: `"${tracked}" is tracked in a circle`,
          expected: "another server",
        });
      }
    }
  }
};

/** By `pool/server`: whom each server tracks, or undefined. */
function listTracks(document: Document): ReadonlyMap<string, string | undefined> {
  const rows = Object.entries(document.pools).flatMap(([pool, { servers }]) =>
    servers.map(({ name, address, track }) => {
      const tracked = track === undefined ? undefined : qualifyServer(track, pool);
      return [`${pool}/${name ?? address.text}`, tracked] as const;
    }),
  );
  return new Map(rows);
}

function leadsInCircle(start: string, tracks: ReadonlyMap<string, string | undefined>): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = start; at !== undefined; at = tracks.get(at)) {
    if (seen.has(at)) return true;
    seen.add(at);
  }
  return false;
}
