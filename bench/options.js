// What may follow `npm run bench --`, in one list: the parser and the help are made of it.

import { parseArgs } from "node:util";
import { PAGE } from "./page.js";
import { PROXY_KINDS } from "./proxies.js";
import { IDLES, WORKLOADS } from "./workloads.js";

const HELP_WIDTH = 96;

/** Each with what it takes and what it does. */
const OPTIONS = /** @type {const} */ ({
  quick: ["boolean", "", "one short round of what is plain MQTT: two minutes in all"],
  floor: [
    "boolean",
    "",
    "relays in C that only relay, too: what no proxy here can be cheaper than",
  ],
  scale: ["boolean", "", "how cost grows with connections, for docs/scale.md"],
  only: ["string", " NAMES", "these workloads only, with commas between them; see below"],
  proxies: ["string", " NAMES", "these proxies only; see below"],
  rounds: ["string", " COUNT", "how often everything is measured"],
  seconds: ["string", " COUNT", "how long one measurement takes"],
  output: ["string", " FILE", "where results go; else bench/RESULTS.md, if nothing was left out"],
  help: ["boolean", "", "this"],
});

/** @typedef {{ quick?: boolean, floor?: boolean, scale?: boolean, only?: string, proxies?: string,
 *   rounds?: string, seconds?: string, output?: string }} BenchOptions */

/**
 * Ends the process where the command line asks for help, or makes no sense.
 * @returns {BenchOptions}
 */
export function readOptions() {
  const known = Object.entries(OPTIONS).map(([name, [type]]) => [name, { type }]);
  try {
    const { values } = parseArgs({ options: Object.fromEntries(known) });
    if (values["help"] !== true) return values;
  } catch (error) {
    endWith(error instanceof Error ? error.message : String(error));
  }
  console.log(usage());
  process.exit(0);
}

/**
 * Those that the command line names; all of them where it names none.
 * @template {{ name: string }} T @param {readonly T[]} all @param {string} [names]
 * @returns {T[]}
 */
export function choose(all, names) {
  if (names === undefined) return [...all];
  return names.split(",").map((name) => {
    const found = all.find((each) => each.name === name);
    return found ?? endWith(`Cannot find "${name}": there are ${listed(all)}`);
  });
}

function usage() {
  const lines = Object.entries(OPTIONS).map(([name, [, takes, does]]) => {
    return `  ${`--${name}${takes}`.padEnd(18)}${does}`;
  });
  return [
    "Usage: npm run bench -- [options]",
    "",
    "Compares Fairlead on both reactors with HAProxy and nginx, in turn, on this machine.",
    "",
    ...lines,
    "",
    ...wrap(`Workloads: ${listed([...WORKLOADS, ...IDLES, PAGE])}`),
    ...wrap(`Proxies: ${listed(PROXY_KINDS)}`),
  ].join("\n");
}

/** @param {string} problem @returns {never} */
function endWith(problem) {
  console.error(`${problem}\n(npm run bench -- --help shows what there is)`);
  process.exit(2);
}

/** As `choose` takes them. @param {readonly { name: string }[]} all */
export function namesOf(all) {
  return all.map(({ name }) => name).join(",");
}

/** @param {readonly { name: string }[]} all */
function listed(all) {
  return all.map(({ name }) => name).join(", ");
}

/** @param {string} text */
function wrap(text) {
  /** @type {string[]} */
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1] ?? "";
    if (last.length + word.length >= HELP_WIDTH) lines.push(`  ${word}`);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
