// What the page asks of the API: lists of clients, and what the reader has confirmed. Nothing is
// sent twice by itself.

import type { ClientList, ClientRow, Question } from "./model.ts";

/** Beyond it nobody reads on; the API has the rest. */
const CLIENTS_SHOWN = 10;
/** No page of another site can send this header: it is how changes are known to be ours. */
const OWN_HEADER = { "fairlead-request": "page" };

/** The list as it is now, or why there is none. */
export async function readClients({ order, prefix }: ClientList): Promise<ClientList> {
  const query = new URLSearchParams({ sort: order, limit: String(CLIENTS_SHOWN) });
  if (prefix !== "") query.set("client", prefix);
  try {
    const answer = (await ask("GET", `connections?${query}`)) as {
      readonly total: number;
      readonly connections: readonly ClientRow[];
    };
    return { order, prefix, total: answer.total, rows: answer.connections, problem: "" };
  } catch (error) {
    return { order, prefix, total: 0, rows: [], problem: sentenceOf(error) };
  }
}

export interface Outcome {
  readonly isDone: boolean;
  /** What was done, or why it was not. */
  readonly sentence: string;
}

/** Does what was confirmed. */
export async function carryOut(question: Question, verb: string): Promise<Outcome> {
  try {
    await askFor(question);
    return { isDone: true, sentence: `Done: ${verb}` };
  } catch (error) {
    return { isDone: false, sentence: `Not done: ${verb}. ${sentenceOf(error)}` };
  }
}

function askFor(question: Question): Promise<unknown> {
  if (question.kind === "client") return ask("DELETE", `connections/${question.id}`);
  if (question.kind === "ban") {
    const { listener, by, key } = question;
    return ask("DELETE", ["bans", listener, by, key].map(encodeURIComponent).join("/"));
  }
  const of = `pools/${encodeURIComponent(question.pool)}`;
  if (question.kind === "pool") {
    return ask(question.act === "rebalance" ? "POST" : "DELETE", `${of}/rebalance`);
  }
  const { server, act, weight } = question;
  const path = `${of}/servers/${encodeURIComponent(server)}`;
  if (act === "empty") return ask("POST", `${path}/evictions`);
  if (act === "stay") return ask("DELETE", `${path}/evictions`);
  if (act === "end") return ask("DELETE", `${path}/connections`);
  return ask("PATCH", path, act === "weight" ? { weight: Number(weight) } : { state: act });
}

/** @throws Error with the sentence of the problem */
async function ask(method: string, path: string, body?: unknown): Promise<unknown> {
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const response = await fetch(new URL(`../api/v1/${path}`, import.meta.url), {
    method,
    headers: { ...OWN_HEADER, ...type },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as { readonly detail?: string };
  if (!response.ok) throw new Error(answer.detail ?? `Status ${response.status}`);
  return answer;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
