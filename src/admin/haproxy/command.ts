// One command of HAProxy's socket: its words, who may, what runs. Types, and the names of things in
// HAProxy's spelling.

import type { Supervisor } from "../../supervisor/supervisor.ts";
import type { Actions, Actor } from "../actions.ts";
import type { Rates } from "./rates.ts";

/** HAProxy's levels: each may what those before it may. */
export const LEVELS = ["user", "operator", "admin"] as const;
export type Level = (typeof LEVELS)[number];

/** What commands work with. */
export interface CommandParts {
  readonly supervisor: Supervisor;
  readonly actions: Actions;
  readonly rates: Rates;
}

export interface CommandCall extends CommandParts {
  /** The words behind the command's own. */
  readonly args: readonly string[];
  readonly actor: Actor;
}

export interface Command {
  /** `show stat` */
  readonly words: string;
  /** What may follow, as help shows it. */
  readonly usage: string;
  readonly help: string;
  readonly level: Level;
  /** @returns the answer, without its last empty line */
  readonly run: (call: CommandCall) => string | Promise<string>;
}

/** Thrown by a command that cannot be done: the message is what HAProxy answers then. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** @returns a server's number. @throws Refused in HAProxy's words */
export function findBackendServer({ roster }: Supervisor, text = ""): number {
  const [backend, name, rest] = text.split("/");
  if (!backend || !name || rest !== undefined) throw new Refused("Require 'backend/server'.");
  const { settings, pools } = roster;
  const pool = pools.find((number) => settings.pools[number]!.name === backend);
  if (pool === undefined) throw new Refused("No such backend.");
  const { servers } = settings.pools[pool]!;
  const server = servers.find((number) => settings.servers[number]!.name === name);
  if (server === undefined) throw new Refused("No such server.");
  return server;
}
