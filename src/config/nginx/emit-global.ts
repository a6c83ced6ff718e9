// What is of the whole process: how many connections there may be, and how long it waits for them
// at the end.

import type { DraftMap } from "../import/draft.ts";
import { writeTime } from "./amounts.ts";
import type { Emission } from "./emission.ts";
import { setting } from "./model.ts";

/** nginx counts both sides of what it passes on. */
const SIDES = 2;

export function emitGlobal({ model, report }: Emission, document: DraftMap): void {
  const processes = setting(model.main, "worker_processes");
  const text = processes?.args[0]?.text ?? "1";
  const isCount = /^[1-9]\d{0,3}$/.test(text);
  if (!isCount && text !== "auto") {
    const word = processes!.args[0]!;
    report.error(word, `worker_processes is "${text}"`, "auto or a whole number");
  } else if (processes !== null) {
    const message = "makes no difference: `workers` says how many threads relay";
    report.notice(processes.name, `"worker_processes" ${message}`);
  }
  const connections = model.events === null ? null : setting(model.events, "worker_connections");
  if (connections !== null && isCount) {
    const limits = document.child("limits", { at: connections.name.at });
    const count = Math.max(Math.floor((connections.amount * Number(text)) / SIDES), 1);
    limits.put("connections", count, connections.args[0]!, connections.name.at);
  } else if (connections !== null) {
    const message = '"worker_connections" is for each process; limits.connections is for all';
    report.notice(connections.name, message);
  }
  const grace = setting(model.main, "worker_shutdown_timeout");
  if (grace === null) return;
  const word = grace.args[0]!;
  const shutdown = document.child("shutdown", { at: grace.name.at });
  shutdown.put("grace", writeTime(word.text, grace.amount), word, grace.name.at);
}
