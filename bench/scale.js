// `npm run bench -- --scale`: how cost grows with the number of connections, and with workers.
//
// For each number of connections the CPU time of a round trip, and the memory while all are idle,
// of one process per proxy; then a line is fitted through CPU time and kernel memory. Gives
// Markdown for docs/scale.md.

import { holdIdle, runLoad, settle, weighIdle } from "./load-run.js";
import { pause, startProxy } from "./proxies.js";
import { markdownTable, median } from "./results.js";

const COUNTS = [100, 500, 1000, 2000, 4000, 8000, 9000];
const PROXY_CORES = "0";
const LOAD_CORES = "1";
/**
 * Memory of a connection: what so many take more than so few, in a fresh process, the median of
 * several. A line through the points of one process would measure V8's heap, which gives back tens
 * of megabytes when it likes.
 */
const WEIGHING = { few: 1000, many: 9000 };
const WEIGHINGS = 5;
/** Below what one worker can do, so that both numbers of workers carry the same. */
const STEADY = ["pub", "-q", "1", "-t", "bench/%i", "--message-interval", "10"];
const STEADY_CONNECTIONS = 200;

/**
 * @typedef {{ count: number, cpuUs: number, userBytes: number, slabBytes: number }} Point
 * @typedef {import("./proxies.js").ProxyKind} ProxyKind
 */

/**
 * @param {ProxyKind[]} kinds
 * @param {Omit<import("./load-run.js").Pace, "cores"> & { folder: string, rounds: number }} plan
 * @returns {Promise<string[]>} lines of Markdown
 */
export async function measureScale(kinds, plan) {
  const lines = [];
  for (const kind of kinds) {
    const points = await measurePoints(kind, plan);
    const userBytes = await weigh(kind, plan.folder);
    const fits = fitLines(points, userBytes);
    lines.push(`### ${kind.title}`, "", ...pointTable(points), "", ...fits, "");
  }
  const ours = kinds.filter(({ name }) => name.startsWith("fairlead"));
  for (const kind of ours) lines.push(...(await compareWorkers(kind, plan)));
  return lines;
}

/** @param {ProxyKind} kind @param {Parameters<typeof measureScale>[1]} plan */
async function measurePoints(kind, plan) {
  /** @type {Point[]} */
  const points = [];
  const proxy = await startProxy(kind, { folder: plan.folder, cores: PROXY_CORES });
  try {
    await settle(proxy, LOAD_CORES);
    for (const count of COUNTS) {
      const { user, slab } = await holdIdle(proxy, count, LOAD_CORES);
      points.push({ count, cpuUs: 0, userBytes: user, slabBytes: slab });
      console.log(`${kind.name}  ${count} idle  ${user} bytes, kernel objects ${slab} bytes`);
    }
    const workload = { args: ["ping"] };
    for (const point of points) {
      const cpus = [];
      for (let round = 0; round < plan.rounds; round++) {
        const pace = { ...plan, cores: LOAD_CORES };
        const sample = await runLoad(proxy, { ...workload, connections: point.count }, pace);
        cpus.push(sample.cpuUs);
        await pause(100);
      }
      point.cpuUs = median(cpus);
      console.log(`${kind.name}  ${point.count} active  ${point.cpuUs.toFixed(2)} us each`);
    }
  } finally {
    await proxy.stop();
  }
  return points;
}

/** @param {ProxyKind} kind @param {string} folder @returns {Promise<number>} bytes a connection */
async function weigh(kind, folder) {
  const bytes = [];
  for (let i = 0; i < WEIGHINGS; i++) {
    const proxy = await startProxy(kind, { folder, cores: PROXY_CORES });
    try {
      const { userBytes } = await weighIdle(proxy, { ...WEIGHING, cores: LOAD_CORES });
      bytes.push(userBytes);
    } finally {
      await proxy.stop();
    }
  }
  console.log(`${kind.name}  user bytes a connection: ${bytes.map(Math.round).join(", ")}`);
  return median(bytes);
}

/** @param {Point[]} points */
function pointTable(points) {
  const head = ["connections", "CPU us a round trip", "private memory, MB", "kernel objects, MB"];
  const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(2);
  return markdownTable([
    head,
    ...points.map(({ count, cpuUs, userBytes, slabBytes }) => [
      count.toLocaleString("en-US"),
      cpuUs.toFixed(2),
      megabytes(userBytes),
      megabytes(slabBytes),
    ]),
  ]);
}

/** @param {Point[]} points @param {number} userBytes of one connection */
function fitLines(points, userBytes) {
  const counts = points.map(({ count }) => count);
  const of = (/** @type {"slabBytes" | "cpuUs"} */ key) => points.map((p) => p[key]);
  const slab = fitLine(counts, of("slabBytes"));
  const cpu = fitLine(
    counts.map((count) => Math.log10(count)),
    of("cpuUs"),
  );
  const fixed = points[0]?.userBytes ?? 0;
  const million = fixed + userBytes * 1e6;
  return [
    `- user memory: ${userBytes.toFixed(0)} bytes a connection, and ${(fixed / 1e6).toFixed(0)} ` +
      `MB; a million: ${(million / 1e9).toFixed(2)} GB`,
    `- kernel objects: ${slab.slope.toFixed(0)} bytes for the four sockets of a connection`,
    `- CPU: ${cpu.slope.toFixed(2)} us more for each tenfold; a million, if that went on: ` +
      `${(cpu.at0 + cpu.slope * 6).toFixed(1)} us a round trip`,
  ];
}

/**
 * Least squares.
 * @param {number[]} xs @param {number[]} ys @returns {{ at0: number, slope: number }}
 */
function fitLine(xs, ys) {
  const mean = (/** @type {number[]} */ list) => list.reduce((a, b) => a + b, 0) / list.length;
  const [x, y] = [mean(xs), mean(ys)];
  const above = xs.reduce((sum, each, i) => sum + (each - x) * ((ys[i] ?? 0) - y), 0);
  const below = xs.reduce((sum, each) => sum + (each - x) ** 2, 0);
  const slope = above / below;
  return { slope, at0: y - slope * x };
}

// On two cores the load takes what two workers would need, so the question is not how much more
// they carry, but what sharing costs: the same steady load on one worker and on two.
/** @param {ProxyKind} kind @param {Parameters<typeof measureScale>[1]} plan */
async function compareWorkers(kind, plan) {
  const cores = `${PROXY_CORES},${LOAD_CORES}`;
  const rows = [];
  for (const workers of [1, 2]) {
    const proxy = await startProxy(kind, { folder: plan.folder, cores, workers });
    try {
      const samples = [];
      for (let round = 0; round < plan.rounds; round++) {
        const workload = { args: STEADY, connections: STEADY_CONNECTIONS };
        samples.push(await runLoad(proxy, workload, { ...plan, cores }));
      }
      rows.push([
        `${workers}`,
        median(samples.map(({ cpuUs }) => cpuUs)).toFixed(2),
        Math.round(median(samples.map(({ perSecond }) => perSecond))).toLocaleString("en-US"),
        `${median(samples.map(({ p99Ms }) => p99Ms)).toFixed(2)} ms`,
      ]);
    } finally {
      await proxy.stop();
    }
  }
  const head = ["workers", "CPU us a message", "messages a second", "p99"];
  return [`### ${kind.title}: workers, same load`, "", ...markdownTable([head, ...rows]), ""];
}
