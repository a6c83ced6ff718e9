// What the page knows and what can be asked of it: the values that views are made from, and the
// moves that their buttons make. Types, and the few questions that several views have.

import type { HistoryView } from "../history.ts";
import type { PageServer, PageState } from "../page-state.ts";

/** How news come: not yet, by events, by asking again and again, or not any more. */
export type Link = "connecting" | "live" | "polling" | "away";
export type ClientOrder = "message-rate" | "byte-rate" | "messages" | "bytes" | "slowest" | "age";

/** One row of `/api/v1/connections`, as far as the page shows it. */
export interface ClientRow {
  readonly id: string;
  readonly clientId: string | null;
  /** Whether that is only its beginning. */
  readonly isClientIdCut: boolean;
  readonly client: string;
  readonly server: string | null;
  readonly version: string | null;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Null: there was no CONNACK yet. */
  readonly connackMs: number | null;
  readonly ageMs: number;
  /** A second; null unless they are what the list is ordered by. */
  readonly rates: {
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly packetsIn: number;
    readonly packetsOut: number;
  } | null;
}

export interface ClientList {
  readonly order: ClientOrder;
  /** What client ids begin with; empty for all. */
  readonly prefix: string;
  readonly total: number;
  readonly rows: readonly ClientRow[];
  /** Why there is no list; empty when there is one. */
  readonly problem: string;
}

export type ServerAct = "ready" | "drain" | "empty" | "stay" | "maintenance" | "weight" | "end";
export type PoolAct = "rebalance" | "stop";

/** What is asked before it is done. */
export type Question =
  | {
      readonly kind: "server";
      readonly pool: string;
      readonly server: string;
      readonly act: ServerAct;
      readonly weight: string;
    }
  | { readonly kind: "pool"; readonly pool: string; readonly act: PoolAct }
  | { readonly kind: "client"; readonly id: string; readonly name: string }
  | {
      readonly kind: "ban";
      readonly listener: string;
      readonly by: string;
      readonly key: string;
    };

export interface User {
  readonly name: string;
  readonly role: "read-only" | "operator";
}

export interface Model {
  readonly link: Link;
  readonly user: User;
  readonly state: PageState;
  readonly history: HistoryView;
  readonly clients: ClientList;
  readonly question: Question | null;
  /** What was done last, or why it was not. */
  readonly notice: string;
}

export interface Moves {
  readonly ask: (question: Question | null) => void;
  /** Does what is asked. */
  readonly confirm: () => void;
  readonly listClients: (change: Partial<Pick<ClientList, "order" | "prefix">>) => void;
}

export function mayAct({ user }: Model): boolean {
  return user.role === "operator";
}

/** Values of one chart, the oldest first; empty when there are none. */
export function samplesOf({ history }: Model, subject: string, name: string): readonly number[] {
  return history.subjects[subject]?.[name] ?? [];
}

/** Whether clients of a server are on their way to others. */
export function isMoving({ moving }: PageServer): boolean {
  return moving?.state === "running" || moving?.state === "late";
}

/** What a server is in one word, and whether that is good. */
export function standingOf(server: PageServer): {
  readonly word: string;
  readonly tone: "good" | "bad" | "changing" | "resting";
} {
  const { state, admin, status } = server;
  if (isMoving(server) && state === "UP") {
    return { word: server.moving?.kind === "drain" ? "emptying" : "shedding", tone: "changing" };
  }
  if (admin === "maintenance") return { word: "maintenance", tone: "resting" };
  if (state === "DOWN") {
    return { word: status.includes("/") ? status : "DOWN", tone: "bad" };
  }
  if (admin === "drain") return { word: "draining", tone: "changing" };
  return status.includes("/") ? { word: status, tone: "changing" } : { word: "UP", tone: "good" };
}
