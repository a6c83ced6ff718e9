// `npm run bench`: Fairlead on both reactors, HAProxy and nginx with the same topology, in turn.
//
//   clients ──┐                         ┌── sink        clients and sink: one process on core 1
//             └──> proxy, on core 0 ────┘
//
//   npm run bench                                a round of everything takes about five minutes
//   npm run bench -- --quick                     one short round of what is plain MQTT: two minutes
//   npm run bench -- --only ping-200,connect --rounds 5 --proxies fairlead-io_uring,haproxy
//   npm run bench -- --floor                     beside relays in C that do nothing but relay
//   npm run bench -- --scale                     how cost grows, for docs/scale.md
//
// Proxies are started once; while one is measured the others are idle. Every workload is run
// against each in turn, then all of it again: A B C D A B C D. Writes RESULTS.md beside this file
// (not with --quick, --only or --proxies: then only where --output says).

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FLOOR_KINDS } from "./floor.js";
import { runLoad, settle, weighIdle } from "./load-run.js";
import { choose, namesOf, readOptions } from "./options.js";
import { measurePage, PAGE, pageLines } from "./page.js";
import { describeMachine } from "./process-facts.js";
import { PROXY_KINDS, pause, startProxy } from "./proxies.js";
import { markdownTable, median, workloadNotes, workloadTable } from "./results.js";
import { measureScale } from "./scale.js";
import { summary } from "./summary.js";
import { IDLES, PLAIN, WORKLOADS } from "./workloads.js";

const PROXY_CORES = "0";
const LOAD_CORES = "1";
const RESULTS = fileURLToPath(new URL("RESULTS.md", import.meta.url));
const SCALE_PAGE = fileURLToPath(new URL("../docs/scale.md", import.meta.url));
const SETTLE_MS = 100;

const FULL = {
  ...{ rounds: 5, seconds: 3, warmupSeconds: 1, retries: 2 },
  idle: { few: 1000, many: 9000 },
};
const QUICK = {
  ...{ rounds: 1, seconds: 1, warmupSeconds: 0.3, retries: 1 },
  idle: { few: 1000, many: 6000 },
};

/** @typedef {import("./load-run.js").Sample} Sample */
/** @typedef {(typeof IDLES)[number]} Idle */
/** @typedef {Map<string, { userBytes: number, slabBytes: number, tcpBytes: number }[]>} Weights */

const options = readOptions();

async function main() {
  if (cpus().length < 2) throw new Error("Cannot compare on one core: the load needs its own");
  const base = options.quick ? QUICK : FULL;
  const pace = {
    ...base,
    rounds: Number(options.rounds ?? base.rounds),
    seconds: Number(options.seconds ?? base.seconds),
    cores: LOAD_CORES,
  };
  const proxies = choose(PROXY_KINDS, options.proxies);
  const kinds = options.floor ? [...proxies, ...FLOOR_KINDS] : proxies;
  const everything = [...WORKLOADS, ...IDLES, PAGE];
  const wanted = choose(everything, options.only ?? (options.quick ? namesOf(PLAIN) : undefined));
  const folder = mkdtempSync(join(tmpdir(), "fairlead-bench-"));
  const startedAt = new Date();
  try {
    if (options.scale) {
      const lines = await measureScale(kinds, { ...pace, folder });
      console.log(`\n${lines.join("\n")}`);
      if (options.proxies === undefined) fillScalePage(lines, startedAt);
      return;
    }
    const workloads = WORKLOADS.filter((workload) => wanted.includes(workload));
    const samples = await measureAll(kinds, workloads, pace, folder);
    /** @type {Map<Idle, Weights>} */
    const weights = new Map();
    for (const idle of IDLES.filter((each) => wanted.includes(each))) {
      weights.set(idle, await weighAll(proxies, pace, folder, idle));
    }
    const page = wanted.includes(PAGE) ? await measurePage(pace, folder, PROXY_CORES) : null;
    report(
      kinds,
      workloads,
      samples,
      weights,
      page === null ? [] : pageLines(page),
      pace,
      startedAt,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {import("./proxies.js").ProxyKind[]} kinds
 * @param {import("./workloads.js").Workload[]} workloads
 * @param {typeof FULL & { cores: string }} pace @param {string} folder
 */
async function measureAll(kinds, workloads, pace, folder) {
  /** @type {Map<string, Map<string, Sample[]>>} */
  const samples = new Map();
  if (workloads.length === 0) return samples;
  const proxies = [];
  try {
    for (const kind of kinds) {
      const proxy = await startProxy(kind, { folder, cores: PROXY_CORES });
      proxies.push(proxy);
      // A program that compiles as it runs has done so, for whatever it will be asked to carry.
      for (const protocol of new Set(workloads.map(({ protocol = "mqtt" }) => protocol))) {
        if (kind.speaks.includes(protocol)) await settle(proxy, LOAD_CORES, protocol);
      }
    }
    for (let round = 0; round < pace.rounds; round++) {
      for (const workload of workloads) {
        const able = kinds.filter((kind) => carries(kind, workload));
        const rows = samples.get(workload.name) ?? new Map(able.map(({ name }) => [name, []]));
        samples.set(workload.name, rows);
        for (const proxy of proxies.filter(({ kind }) => carries(kind, workload))) {
          const sample = await runLoad(proxy, workload, pace);
          rows.get(proxy.kind.name)?.push(sample);
          tell(round, workload.name, proxy.kind.name, sample);
          await pause(SETTLE_MS);
        }
      }
    }
  } finally {
    for (const proxy of proxies) await proxy.stop();
  }
  return samples;
}

/**
 * @param {import("./proxies.js").ProxyKind} kind
 * @param {import("./workloads.js").Workload} workload
 */
function carries(kind, { protocol = "mqtt", bare = false }) {
  return kind.speaks.includes(protocol) && (bare || !kind.bare);
}

/** Puts tables where docs/scale.md has them. @param {string[]} lines @param {Date} startedAt */
function fillScalePage(lines, startedAt) {
  const page = readFileSync(SCALE_PAGE, "utf8");
  const [begin, end] = ["<!-- measured: begin -->", "<!-- measured: end -->"];
  const [before] = page.split(begin);
  const [, after] = page.split(end);
  const when = `Measured ${startedAt.toISOString().slice(0, 10)}:`;
  const machine = describeMachine().map((line) => `- ${line}`);
  const measured = [begin, "", when, "", ...machine, "", ...lines, end].join("\n");
  writeFileSync(SCALE_PAGE, `${before}${measured}${after}`);
}

/** @param {number} round @param {string} workload @param {string} proxy @param {Sample} sample */
function tell(round, workload, proxy, sample) {
  const { cpuUs, perSecond, p50Ms, p99Ms, proxyPercent, loadPercent, failures } = sample;
  const texts = [
    `${round + 1}  ${workload.padEnd(10)}  ${proxy.padEnd(17)}`,
    `${cpuUs.toFixed(2).padStart(9)} us each`,
    `${perSecond.toFixed(0).padStart(7)}/s`,
    `p50 ${p50Ms.toFixed(3)} ms  p99 ${p99Ms.toFixed(3)} ms`,
    `proxy ${proxyPercent.toFixed(0)} %  load ${loadPercent.toFixed(0)} %`,
    ...failures,
  ];
  console.log(texts.join("  "));
}

/**
 * Idle connections, each weighing in a fresh process.
 * @param {import("./proxies.js").ProxyKind[]} kinds
 * @param {typeof FULL & { cores: string }} pace @param {string} folder @param {Idle} what
 */
async function weighAll(kinds, { rounds, idle, cores }, folder, { name, protocol }) {
  /** @type {Weights} */
  const weights = new Map(kinds.map(({ name }) => [name, []]));
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    for (const kind of kinds) {
      const proxy = await startProxy(kind, { folder, cores: PROXY_CORES });
      try {
        const weight = await weighIdle(proxy, { ...idle, cores, protocol });
        weights.get(kind.name)?.push(weight);
        console.log(`${round + 1}  ${name.padEnd(10)}  ${kind.name.padEnd(17)}`, weight);
      } finally {
        await proxy.stop();
      }
    }
  }
  return weights;
}

/**
 * @param {import("./proxies.js").ProxyKind[]} kinds
 * @param {import("./workloads.js").Workload[]} workloads
 * @param {Map<string, Map<string, Sample[]>>} samples
 * @param {Map<Idle, Weights>} weights
 * @param {string[]} page
 * @param {typeof FULL} pace @param {Date} startedAt
 */
function report(kinds, workloads, samples, weights, page, pace, startedAt) {
  const titles = new Map(kinds.map(({ name, title }) => [name, title]));
  const lines = [
    "# Results",
    "",
    `Measured ${startedAt.toISOString().slice(0, 16).replace("T", " ")} UTC, ` +
      `\`npm run bench\`: ${pace.rounds} rounds, ${pace.seconds} s each.`,
    "",
    ...describeMachine().map((line) => `- ${line}`),
    ...kinds.map(({ title, version }) => `- ${title}: ${version()}`),
    "",
    ...METHOD,
    "",
    ...summary(workloads, samples, weights, titles),
  ];
  for (const { name, title, unit } of workloads) {
    const rows = samples.get(name) ?? new Map();
    lines.push(`## ${title}`, "", ...workloadTable(unit, rows, titles), "");
    for (const note of workloadNotes(rows, titles)) lines.push(`- ${note}`, "");
  }
  for (const [{ title }, rows] of weights) {
    lines.push(...idleLines(title, rows, titles, pace.idle));
  }
  lines.push(...page);
  const text = `${lines.join("\n").trimEnd()}\n`;
  console.log(`\n${text}`);
  const isWhole = !options.quick && !options.only && !options.proxies;
  const output = options.output ?? (isWhole ? RESULTS : null);
  if (output !== null) writeFileSync(output, text);
}

const METHOD = [
  "Each proxy runs on core 0, clients and sink in one process on core 1, all over loopback. CPU",
  "time is user and system time of the proxy's process with all its threads, as the scheduler",
  "counts it (/proc/PID/task/*/schedstat), between the two moments between which operations were",
  "counted. Figures are medians over the rounds, ratios the median of each round's ratio; spread",
  "is the least and the most. Latency is seen by the client. A side is saturated when it used at",
  "least 95 % of its core; where only the load was, rate and latency are the load's, not the",
  "proxy's. A run is disturbed when one side waited for its core for more than 4 % of the time:",
  "something else ran there.",
];

/**
 * @param {string} title @param {Weights} weights
 * @param {Map<string, string>} titles @param {{ few: number, many: number }} idle
 */
function idleLines(title, weights, titles, { few, many }) {
  const rows = [...weights].map(([name, list]) => {
    const of = (/** @type {"userBytes" | "slabBytes" | "tcpBytes"} */ key) =>
      Math.round(median(list.map((weight) => weight[key]))).toLocaleString("en-US");
    const user = list.map(({ userBytes }) => Math.round(userBytes));
    return [
      titles.get(name) ?? name,
      of("userBytes"),
      `${Math.min(...user)} .. ${Math.max(...user)}`,
      of("slabBytes"),
      of("tcpBytes"),
    ];
  });
  const head = ["proxy", "user bytes", "spread", "kernel objects, bytes", "socket buffers, bytes"];
  return [
    `## Memory of ${title}`,
    "",
    ...markdownTable([head, ...rows]),
    "",
    `What ${many} connections take more than ${few}, each. User memory: the proxy's private dirty`,
    "pages (/proc/PID/smaps_rollup). Kernel memory: of the whole machine (Slab of /proc/meminfo,",
    "mem of /proc/net/sockstat), so of four sockets a connection: two the proxy's, two the load's.",
    "",
  ];
}

await main();
