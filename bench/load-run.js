// One run of `fairlead bench` against a proxy, on the core of the load; the sink is in its process.

import { kernelBytes, privateDirtyBytes } from "./process-facts.js";
import { certificateIn, MAIN, pause, spawnPinned } from "./proxies.js";

/** CPU of a core from which on a side counts as having had no time left. */
const SATURATED_PERCENT = 95;
/** Waiting for a core from which on a run was disturbed by something else on the machine. */
const DISTURBED_PERCENT = 4;
/** How long connections come and go before memory is weighed. */
const SETTLE_SECONDS = 1.5;

/**
 * @typedef {{ cpuUs: number, perSecond: number, p50Ms: number, p99Ms: number, proxyPercent: number,
 *   loadPercent: number, saturated: string, waitedPercent: number, failures: string[] }} Sample
 * `retries`: how often a disturbed run is tried again.
 * @typedef {{ seconds: number, warmupSeconds: number, retries: number, cores: string }} Pace
 * @typedef {"mqtt" | "mqtts" | "ws"} Protocol
 * @typedef {{ args: string[], connections: number, protocol?: Protocol }} Load
 */

/** @param {Sample} sample */
export function isDisturbed({ waitedPercent }) {
  return waitedPercent > DISTURBED_PERCENT;
}

/**
 * Runs a workload; again, when something else took the cores. @returns the least disturbed sample
 * @param {import("./proxies.js").Proxy} proxy
 * @param {Load} workload
 * @param {Pace} pace
 */
export async function runLoad(proxy, workload, pace) {
  let best = await runOnce(proxy, workload, pace);
  for (let i = 0; i < pace.retries && isDisturbed(best); i++) {
    const sample = await runOnce(proxy, workload, pace);
    if (sample.waitedPercent < best.waitedPercent) best = sample;
  }
  return best;
}

/**
 * @param {import("./proxies.js").Proxy} proxy
 * @param {Load} workload
 * @param {Omit<Pace, "retries">} pace
 * @returns {Promise<Sample>}
 */
async function runOnce(proxy, { args, connections, protocol = "mqtt" }, pace) {
  const [command, ...rest] = args;
  const result = await runBench(proxy, protocol, pace.cores, [
    ...[command ?? "ping", "-c", `${connections}`, ...rest],
    ...["-d", `${pace.seconds}s`, "--warmup", `${pace.warmupSeconds}s`, "--json"],
  ]);
  const latency = command === "conn" ? result.connectLatency : result.latency;
  const [watched] = result.watchedCpu;
  return {
    cpuUs: watched.perOperationUs,
    perSecond: result.operationsPerSecond,
    p50Ms: latency.p50Ms,
    p99Ms: latency.p99Ms,
    proxyPercent: watched.percent,
    loadPercent: result.loadCpu.percent,
    waitedPercent: Math.max(watched.waitedPercent, result.loadCpu.waitedPercent),
    saturated: saturatedSide(watched.percent, result.loadCpu.percent),
    failures: result.failures.map(
      (/** @type {any} */ { sentence, count }) => `${sentence}: ${count}`,
    ),
  };
}

/**
 * Does something while a workload runs.
 * @param {import("./proxies.js").Proxy} proxy @param {Load} workload @param {string} cores
 * @param {() => Promise<void>} run
 */
export async function duringLoad(proxy, { args, connections, protocol = "mqtt" }, cores, run) {
  const [command = "ping", ...rest] = args;
  const line = [command, "-c", `${connections}`, ...rest, "--json", "--progress"];
  const load = startLoad(proxy, protocol, cores, line);
  load.stdout?.resume();
  load.stderr?.resume();
  const gone = new Promise((done) => load.once("close", done));
  try {
    await run();
    if (load.exitCode !== null) throw new Error("Cannot hold the load: it has ended");
  } finally {
    load.kill("SIGINT");
  }
  await gone;
}

/**
 * Lets connections come and go until the program has compiled itself and its heap has settled.
 * @param {import("./proxies.js").Proxy} proxy @param {string} cores @param {Protocol} [protocol]
 */
export async function settle(proxy, cores, protocol = "mqtt") {
  const workload = { args: ["conn", "--cycle"], connections: 50, protocol };
  await runOnce(proxy, workload, { seconds: SETTLE_SECONDS, warmupSeconds: 0, cores });
}

/**
 * Holds idle connections and weighs what two numbers of them differ by, so that what a process has
 * anyway, and what it makes for its first connection, is not in it.
 * @param {import("./proxies.js").Proxy} proxy a fresh one
 * @param {{ few: number, many: number, cores: string, protocol?: Protocol }} plan
 */
export async function weighIdle(proxy, { few, many, cores, protocol = "mqtt" }) {
  await settle(proxy, cores, protocol);
  const first = await holdIdle(proxy, few, cores, protocol);
  const second = await holdIdle(proxy, many, cores, protocol);
  const each = (/** @type {number} */ a, /** @type {number} */ b) => (b - a) / (many - few);
  return {
    userBytes: each(first.user, second.user),
    slabBytes: each(first.slab, second.slab),
    tcpBytes: each(first.tcp, second.tcp),
  };
}

/**
 * Memory while `count` idle connections are up.
 * @param {import("./proxies.js").Proxy} proxy @param {number} count @param {string} cores
 * @param {Protocol} [protocol]
 */
export async function holdIdle(proxy, count, cores, protocol = "mqtt") {
  const load = startLoad(proxy, protocol, cores, [
    "conn",
    "-c",
    `${count}`,
    "--json",
    "--progress",
  ]);
  await until(load, (line) => Number(/^up ([\d,]+)/.exec(line)?.[1]?.replaceAll(",", "")) >= count);
  // What is freed late is freed by now.
  await pause(500);
  const facts = { user: privateDirtyBytes(proxy.pid), ...kernelBytes() };
  load.kill("SIGINT");
  await finish(load);
  return facts;
}

/** @param {number} proxyPercent @param {number} loadPercent */
function saturatedSide(proxyPercent, loadPercent) {
  const proxy = proxyPercent >= SATURATED_PERCENT;
  const load = loadPercent >= SATURATED_PERCENT;
  if (proxy && load) return "both";
  if (proxy) return "proxy";
  return load ? "load" : "neither";
}

/**
 * @param {import("./proxies.js").Proxy} proxy @param {Protocol} protocol
 * @param {string} cores @param {string[]} args with --json
 * @returns what `fairlead bench` reports
 */
export function runBench(proxy, protocol, cores, args) {
  return finish(startLoad(proxy, protocol, cores, args));
}

/**
 * @param {import("./proxies.js").Proxy} proxy @param {Protocol} protocol
 * @param {string} cores @param {string[]} args
 */
function startLoad(proxy, protocol, cores, args) {
  const [command, ...rest] = args;
  const always = [
    ...[
      "-h",
      "127.0.0.1",
      "-p",
      `${proxy.ports[protocol]}`,
      "--sink",
      `0.0.0.0:${proxy.serverPort}`,
    ],
    ...["-l", protocol, "--ca", certificateIn(proxy.folder)],
    ...["-V", "4", "-i", "0", "-k", "0", "--reconnect-period", "0", "--pid", `${proxy.pid}`],
  ];
  const line = [process.execPath, MAIN, "bench", command ?? "", ...always, ...rest];
  return spawnPinned(cores, line, ["ignore", "pipe", "pipe"]);
}

/** @param {import("node:child_process").ChildProcess} load */
async function finish(load) {
  const texts = { out: "", err: "" };
  load.stdout?.setEncoding("utf8").on("data", (text) => {
    texts.out += text;
  });
  load.stderr?.setEncoding("utf8").on("data", (text) => {
    texts.err += text;
  });
  await new Promise((done) => load.once("close", done));
  if (texts.out === "") throw new Error(`Cannot measure: ${texts.err.trim()}`);
  return JSON.parse(texts.out);
}

/** @typedef {import("node:child_process").ChildProcess} Child */

/** @param {Child} load @param {(line: string) => boolean} isIt */
function until(load, isIt) {
  return new Promise((done, fail) => {
    load.once("exit", () => fail(new Error("Cannot hold connections: the load has ended")));
    load.stderr?.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      if (text.split("\n").some(isIt)) done(undefined);
    });
  });
}
