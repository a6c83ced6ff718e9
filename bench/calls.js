// System calls that a client costs, from accept to close: each proxy under strace while clients
// connect, get their CONNACK and leave. What is left to save shows here before it shows in time.
//
//   node bench/calls.js          prints a table, for docs/scale.md
//
// Needs strace. A traced program is slow; only counts are of use, so the machine may be busy.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBench, settle } from "./load-run.js";
import { PROXY_KINDS, pause, startProxy } from "./proxies.js";
import { markdownTable } from "./results.js";

const CORES = "0-1";
const SECONDS = 4;
const ATTACH_MS = 1000;
/** Less than one call in this many connections is not a connection's. */
const RARE = 20;

/** @typedef {import("./proxies.js").ProxyKind} ProxyKind */

async function main() {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-calls-"));
  try {
    /** @type {Map<string, Map<string, number>>} */
    const columns = new Map();
    for (const kind of PROXY_KINDS) columns.set(kind.title, await countCalls(kind, folder));
    console.log(tableOf(columns).join("\n"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {ProxyKind} kind @param {string} folder @returns calls a connection, by name */
async function countCalls(kind, folder) {
  const proxy = await startProxy(kind, { folder, cores: CORES });
  try {
    await settle(proxy, CORES);
    const output = join(folder, `${kind.name}.calls`);
    const strace = spawn("strace", ["-f", "-c", "-p", `${proxy.pid}`, "-o", output], {
      stdio: "ignore",
    });
    const ended = new Promise((done, fail) => strace.once("exit", done).once("error", fail));
    await Promise.race([pause(ATTACH_MS), ended]);
    const load = ["conn", "-c", "50", "--cycle", "-d", `${SECONDS}s`, "--json"];
    const { operations } = await runBench(proxy, "mqtt", CORES, load);
    strace.kill("SIGINT");
    await ended;
    return readCounts(readFileSync(output, "utf8"), operations);
  } finally {
    await proxy.stop();
  }
}

/** @param {string} summary what `strace -c` wrote @param {number} connections */
function readCounts(summary, connections) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const line of summary.split("\n")) {
    const found = /^\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?([a-z]\w*)$/.exec(line);
    const calls = Number(found?.[1] ?? 0);
    if (found?.[2] !== "total" && calls * RARE > connections)
      counts.set(found?.[2] ?? "", calls / connections);
  }
  return counts;
}

/** @param {Map<string, Map<string, number>>} columns */
function tableOf(columns) {
  const names = [...new Set([...columns.values()].flatMap((counts) => [...counts.keys()]))].sort();
  const cell = (/** @type {number | undefined} */ count) => (count ? count.toFixed(1) : "");
  const rows = names.map((name) => [
    `\`${name}\``,
    ...[...columns.values()].map((counts) => cell(counts.get(name))),
  ]);
  const sums = [...columns.values()].map((counts) =>
    [...counts.values()].reduce((a, b) => a + b, 0),
  );
  return markdownTable([
    ["calls a client", ...columns.keys()],
    ...rows,
    ["all", ...sums.map((sum) => sum.toFixed(1))],
  ]);
}

await main();
