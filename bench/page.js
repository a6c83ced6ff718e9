// What it costs to look: relaying while the page is open, against relaying while it is not, in one
// process; and how long each listing of the API takes while 5,000 connections relay.
//
// The page is opened as a browser has it: its stream is read, and the list of clients asked for
// each CLIENTS_EVERY_MS. Numbers are of this machine and this moment; nothing asserts them.

import { request } from "node:http";
import { duringLoad, runLoad } from "./load-run.js";
import { mainThreadMs } from "./process-facts.js";
import { PROXY_KINDS, pause, startProxy } from "./proxies.js";
import { markdownTable, median, ratio } from "./results.js";

export const PAGE = { name: "page", title: "the page, open" };

const CONNECTIONS = 5000;
/** As page/page.ts has it. */
const CLIENTS_EVERY_MS = 3000;
/** The page is told each second: a run sees some of that. */
const SECONDS_MIN = 4;
const CALLS = 20;
const CALL_EVERY_MS = 50;
/** What each call is to be answered within. */
const WANTED_MS = 200;

const WORKLOAD = { args: ["ping"], connections: CONNECTIONS };
const LISTINGS = [
  "/api/v1/connections",
  "/api/v1/connections?limit=1000",
  "/api/v1/connections?limit=1000&sort=bytes",
  "/api/v1/connections?limit=100&sort=slowest&offset=4000",
  "/api/v1/connections?client=fairlead_bench",
  "/api/v1/listeners",
  "/api/v1/servers",
  "/api/v1/tables",
  "/api/v1/tables/brokers/entries?limit=1000",
  "/api/v1/certificates",
  "/api/v1/status",
  "/stats/now",
  "/stats;csv",
  "/metrics",
];

/** @typedef {import("./load-run.js").Sample} Sample */
/**
 * `cpuMs`: of the thread that answers. `bytes`: of the answer.
 * @typedef {{ times: number[], cpuMs: number, bytes: number }} Calls
 * @typedef {{ closed: Sample[], open: Sample[], calls: Map<string, Calls>,
 *   closedPercent: number[], openPercent: number[] }} PageSamples
 */

/**
 * @param {import("./load-run.js").Pace & { rounds: number }} pace
 * @param {string} folder @param {string} proxyCores
 * @returns {Promise<PageSamples>}
 */
export async function measurePage(pace, folder, proxyCores) {
  const kind = PROXY_KINDS.find(({ name }) => name === "fairlead-io_uring");
  if (kind === undefined) throw new Error("Cannot find the proxy to look at");
  const proxy = await startProxy(kind, { folder, cores: proxyCores, isSeen: true });
  const url = `http://127.0.0.1:${proxy.ports.admin}`;
  const slow = { ...pace, seconds: Math.max(SECONDS_MIN, pace.seconds) };
  /** @type {PageSamples} */
  const samples = {
    ...{ closed: [], open: [], calls: new Map() },
    ...{ closedPercent: [], openPercent: [] },
  };
  try {
    for (let round = 0; round < pace.rounds; round++) {
      const closed = watchMainThread(proxy.pid);
      samples.closed.push(await runLoad(proxy, WORKLOAD, slow));
      samples.closedPercent.push(closed());
      const close = openPage(url);
      const open = watchMainThread(proxy.pid);
      samples.open.push(await runLoad(proxy, WORKLOAD, slow));
      samples.openPercent.push(open());
      close();
      console.log(`${round + 1}  page`, samples.closed.at(-1)?.cpuUs, samples.open.at(-1)?.cpuUs);
    }
    await duringLoad(proxy, WORKLOAD, pace.cores, async () => {
      while ((await countConnections(url)) < CONNECTIONS) await pause(500);
      for (const path of LISTINGS) samples.calls.set(path, await timeCalls(proxy, path));
      if ((await countConnections(url)) < CONNECTIONS) throw new Error("Cannot hold connections");
    });
  } finally {
    await proxy.stop();
  }
  return samples;
}

/** @param {PageSamples} samples @returns {string[]} */
export function pageLines({ closed, open, calls, closedPercent, openPercent }) {
  /** @param {string} name @param {Sample[]} list @param {number[]} percents */
  const row = (name, list, percents) => {
    const of = (/** @type {keyof Sample} */ key) => list.map((each) => Number(each[key]));
    return [
      name,
      median(of("cpuUs")).toFixed(2),
      ratio(
        of("cpuUs"),
        closed.map(({ cpuUs }) => cpuUs),
      ),
      Math.round(median(of("perSecond"))).toLocaleString("en-US"),
      ratio(
        of("perSecond"),
        closed.map(({ perSecond }) => perSecond),
      ),
      `${median(of("p99Ms")).toFixed(1)} ms`,
      `${median(percents).toFixed(1)} %`,
    ];
  };
  const head = [
    "page",
    "CPU us a round trip",
    "ratio",
    "a second",
    "ratio",
    "p99",
    "CPU of its loop",
  ];
  const times = [...calls].map(([path, { times: list, cpuMs, bytes }]) => [
    `\`${path}\``,
    `${median(list).toFixed(0)} ms`,
    `${Math.max(...list).toFixed(0)} ms`,
    `${cpuMs.toFixed(1)} ms`,
    bytes.toLocaleString("en-US"),
  ]);
  return [
    `## The page, open, while ${CONNECTIONS.toLocaleString("en-US")} connections relay`,
    "",
    ...markdownTable([head, row("closed", closed, closedPercent), row("open", open, openPercent)]),
    "",
    "One process of Fairlead with io_uring, all its threads on one core; wanted: 0.98 of the rate.",
    "Its loop is the thread that answers and watches; the other one relays.",
    "While as many connections relay as fast as they can, each listing is asked for in turn;",
    `wanted: ${WANTED_MS} ms.`,
    "",
    ...markdownTable([["call", "median", "slowest", "CPU each", "bytes"], ...times]),
    "",
  ];
}

/** Follows the page's stream and asks for its clients, until the function given back is called. */
function openPage(/** @type {string} */ url) {
  const stream = request(`${url}/stats/stream`, (response) => response.resume());
  // It is cut off at the end.
  stream.on("error", () => {});
  stream.end();
  const timer = setInterval(() => {
    void ask(`${url}/api/v1/connections?sort=messages&limit=10`);
  }, CLIENTS_EVERY_MS);
  return () => {
    clearInterval(timer);
    stream.destroy();
  };
}

/** @param {number} pid @returns {() => number} percent of a core that its loop used since then */
function watchMainThread(pid) {
  const [cpu, time] = [mainThreadMs(pid), performance.now()];
  return () => (100 * (mainThreadMs(pid) - cpu)) / (performance.now() - time);
}

/** @param {string} url */
async function countConnections(url) {
  return JSON.parse(await ask(`${url}/api/v1/connections?limit=1`)).total;
}

/** @param {import("./proxies.js").Proxy} proxy @param {string} path @returns {Promise<Calls>} */
async function timeCalls({ pid, ports }, path) {
  const times = [];
  let cpuMs = 0;
  let bytes = 0;
  for (let call = 0; call < CALLS; call++) {
    const [before, cpuBefore] = [performance.now(), mainThreadMs(pid)];
    bytes = (await ask(`http://127.0.0.1:${ports.admin}${path}`)).length;
    times.push(performance.now() - before);
    cpuMs += (mainThreadMs(pid) - cpuBefore) / CALLS;
    await pause(CALL_EVERY_MS);
  }
  return { times, cpuMs, bytes };
}

/** @param {string} url @returns {Promise<string>} the whole answer */
function ask(url) {
  return new Promise((done, fail) => {
    const asking = request(url, (response) => {
      const isGood = response.statusCode === 200;
      let text = "";
      response.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      response.once("end", () => {
        if (isGood) done(text);
        else fail(new Error(`Cannot list ${url}: status ${response.statusCode}`));
      });
    });
    asking.once("error", fail).end();
  });
}
