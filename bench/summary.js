// The first tables of the results: every workload as a ratio to the other proxies, and to our own.

import { markdownTable, ratio } from "./results.js";

/** @typedef {import("./load-run.js").Sample} Sample */
/** @typedef {import("./workloads.js").Workload} Workload */
/** @typedef {import("./workloads.js").Idle} Idle */
/** @typedef {Map<string, { userBytes: number }[]>} Weights */

/**
 * @param {Workload[]} workloads
 * @param {Map<string, Map<string, Sample[]>>} samples
 * @param {Map<Idle, Weights>} weights
 * @param {Map<string, string>} titles
 */
export function summary(workloads, samples, weights, titles) {
  const names = [...titles.keys()];
  const ours = names.filter((name) => name.startsWith("fairlead"));
  const floors = names.filter((name) => name.startsWith("floor"));
  const peers = names.filter((name) => !ours.includes(name) && !floors.includes(name));
  if (ours.length === 0 || peers.length === 0) return [];
  const pairs = ours.flatMap((own) => peers.map((peer) => ({ own, peer })));
  for (const own of floors) pairs.push({ own, peer: peers[0] ?? own });
  const head = [
    "CPU time, as a ratio",
    ...pairs.map(({ own, peer }) => `${titles.get(own)} to ${titles.get(peer)}`),
    "wanted, to HAProxy",
  ];
  /** @param {(name: string) => number[]} of @param {string} title @param {number} [target] */
  const row = (title, of, target) => [
    title,
    ...pairs.map(({ own, peer }) => ratio(of(own), of(peer))),
    target === undefined ? "" : `${target}`,
  ];
  const rows = workloads.map(({ name, title, target }) => {
    const of = (/** @type {string} */ proxy) =>
      (samples.get(name)?.get(proxy) ?? []).map((sample) => sample.cpuUs);
    return row(title, of, target);
  });
  for (const [{ title, target }, weighed] of weights) {
    const of = (/** @type {string} */ proxy) =>
      (weighed.get(proxy) ?? []).map(({ userBytes }) => userBytes);
    rows.push(row(`user memory of ${title}`, of, target));
  }
  const against = workloads.flatMap((workload) => ownLines(workload, samples, ours, titles));
  const speeds = speedTable(workloads, samples, ours, peers, titles);
  return ["## Summary", "", ...markdownTable([head, ...rows]), "", ...against, ...speeds, ""];
}

/**
 * What clients notice, beside the first of the peers: operations a second, and how long the slowest
 * of a hundred waits.
 * @param {Workload[]} workloads
 * @param {Map<string, Map<string, Sample[]>>} samples
 * @param {string[]} ours @param {string[]} peers @param {Map<string, string>} titles
 */
function speedTable(workloads, samples, ours, [peer = ""], titles) {
  const head = [
    `as a ratio to ${titles.get(peer)}`,
    ...ours.flatMap((own) => [`rate, ${titles.get(own)}`, `p99, ${titles.get(own)}`]),
  ];
  const rows = workloads.map(({ name, title }) => {
    const of = (/** @type {string} */ proxy, /** @type {"perSecond" | "p99Ms"} */ key) =>
      (samples.get(name)?.get(proxy) ?? []).map((sample) => sample[key]);
    const cells = ours.flatMap((own) => [
      ratio(of(own, "perSecond"), of(peer, "perSecond")),
      ratio(of(own, "p99Ms"), of(peer, "p99Ms")),
    ]);
    return [title, ...cells];
  });
  return markdownTable([
    head,
    ...rows.filter(([, ...cells]) => cells.some((cell) => cell !== "-")),
  ]);
}

/**
 * A workload beside the one that it is more than, with the same proxy in the same rounds.
 * @param {Workload} workload
 * @param {Map<string, Map<string, Sample[]>>} samples
 * @param {string[]} ours @param {Map<string, string>} titles
 */
function ownLines({ name, title, than }, samples, ours, titles) {
  const plain = than === undefined ? undefined : samples.get(than.name);
  if (than === undefined || plain === undefined) return [];
  const cpu = (/** @type {Sample[] | undefined} */ list) => (list ?? []).map((each) => each.cpuUs);
  const ratios = ours.map((own) => {
    return `${ratio(cpu(samples.get(name)?.get(own)), cpu(plain.get(own)))} (${titles.get(own)})`;
  });
  const wanted = `wanted: at most ${than.target}`;
  return [`${title}: ${ratios.join(", ")} times \`${than.name}\` (${wanted}).`, ""];
}
