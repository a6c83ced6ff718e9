// What a hook has answered, judged: a decision in numbers, or the sentence that says what is wrong.
//
// Code of the operator's may answer anything; from here on only what the relay can carry out is
// left. Looks nothing up but names.

import { encodeText } from "../bytes/utf8.ts";
import { isServerReference, ReasonCode } from "../mqtt/connack.ts";
import type { ConnectChanges } from "../mqtt/connect-rewriter.ts";
import type { ConnectRewrite, Route } from "./policy.ts";

/** The names of a plan, as numbers. */
export interface PolicyNames {
  readonly pools: ReadonlyMap<string, number>;
  /** By `pool/server`: the numbers of the pool and of the server. */
  readonly servers: ReadonlyMap<string, { readonly pool: number; readonly server: number }>;
}

/** Null: as it would be without the policy. */
export type Judged =
  | {
      readonly kind: "route";
      readonly pool: number | null;
      readonly server: number | null;
      readonly changes: ConnectChanges | null;
    }
  | {
      readonly kind: "refuse";
      readonly code: number;
      readonly reason: string | null;
      readonly reference: string | null;
    }
  /** The answer is none. */
  | { readonly kind: "fault"; readonly problem: string };

/** Names that are there, for who named another one. */
const LISTED_MAX = 5;
const UNDECIDED: Judged = { kind: "route", pool: null, server: null, changes: null };

/** @param ownPool the name of the pool that the client would go to */
export function judge(answer: unknown, names: PolicyNames, ownPool: string): Judged {
  if (answer === undefined) return UNDECIDED;
  if (isPromise(answer)) return fault("it returned a promise, and a decision cannot wait");
  if (typeof answer !== "object" || answer === null || !("kind" in answer)) {
    return fault("it returned neither undefined nor a decision");
  }
  if (answer.kind === "refuse") return judgeRefusal(answer);
  if (answer.kind === "route") return judgeRoute(answer as Route, names, ownPool);
  return fault("it returned neither undefined nor a decision");
}

function fault(problem: string): Judged {
  return { kind: "fault", problem };
}

function isPromise(answer: unknown): boolean {
  if (typeof answer !== "object" || answer === null || !("then" in answer)) return false;
  const { then } = answer;
  if (typeof then !== "function") return false;
  // One that is rejected must not end the thread once its loop has ended.
  Reflect.apply(then, answer, [ignore, ignore]);
  return true;
}

function ignore(): void {
  // It was refused before it was settled; what it brings is too late for anybody.
}

function judgeRefusal(answer: object): Judged {
  const { code, reason, reference } = answer as Record<string, unknown>;
  const isCode = typeof code === "number" && Number.isInteger(code) && code >= 0x80 && code < 0xa0;
  if (!isCode) return fault(`it refused with code ${code}`);
  const refusal = {
    kind: "refuse",
    code,
    reason: typeof reason === "string" ? reason : null,
  } as const;
  if (reference == null) return { ...refusal, reference: null };
  if (code !== ReasonCode.useAnotherServer && code !== ReasonCode.serverMoved) {
    return fault(`it named another server with code ${code}; only 0x9c and 0x9d may`);
  }
  return isServerReference(reference)
    ? { ...refusal, reference }
    : fault("it named another server, but not such as broker.example:8883");
}

function judgeRoute(route: Route, names: PolicyNames, ownPool: string): Judged {
  const changes = route.changes == null ? null : judgeChanges(route.changes);
  if (typeof changes === "string") return fault(changes);
  if (route.server != null) {
    const name = route.server.includes("/") ? route.server : `${ownPool}/${route.server}`;
    const found = names.servers.get(name);
    if (found === undefined) return unknown("server", name, names.servers);
    return { kind: "route", ...found, changes };
  }
  if (route.pool == null) return { kind: "route", pool: null, server: null, changes };
  const number = names.pools.get(route.pool);
  if (number === undefined) return unknown("pool", route.pool, names.pools);
  return { kind: "route", pool: number, server: null, changes };
}

function unknown(what: string, name: string, known: ReadonlyMap<string, unknown>): Judged {
  const listed = [...known.keys()].slice(0, LISTED_MAX).join(", ");
  const more = known.size > LISTED_MAX ? ", ..." : "";
  return fault(`there is no ${what} "${name}" (there are ${listed}${more})`);
}

function judgeChanges(changes: ConnectRewrite): ConnectChanges | string {
  const { clientId, userName, password, userProperties } = changes;
  for (const [key, value] of Object.entries({ clientId, userName, password })) {
    const isBytes = key === "password" && value instanceof Uint8Array;
    const isText = typeof value === "string" || (value === null && key !== "clientId");
    if (value !== undefined && !isText && !isBytes) return `it rewrote ${key} to no text`;
  }
  if (userProperties !== undefined && !arePairs(userProperties)) {
    return "it added user properties that are no pairs of texts";
  }
  return {
    clientId: bytesOf(clientId) ?? undefined,
    userName: bytesOf(userName),
    password: bytesOf(password),
    userProperties,
  };
}

function bytesOf<Absent extends null | undefined>(
  value: string | Uint8Array | Absent,
): Uint8Array | Absent {
  return typeof value === "string" ? encodeText(value) : value;
}

function arePairs(properties: unknown): boolean {
  if (!Array.isArray(properties)) return false;
  return properties.every(
    (pair) => typeof pair?.name === "string" && typeof pair?.value === "string",
  );
}
