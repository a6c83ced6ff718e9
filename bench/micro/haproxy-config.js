// How long a large configuration takes from its text to settings, as haproxy.cfg and as what
// `fairlead convert` writes of it: npm run build && node bench/micro/haproxy-config.js
//
// The promise is that 20,000 servers take less than two seconds. CPU time is what to compare on a
// machine that has something else to do; the longest pause is how long health checks and pages wait
// while a running Fairlead reads the file again.

import { monitorEventLoopDelay } from "node:perf_hooks";
import { setImmediate } from "node:timers/promises";
import { loadHaproxy } from "../../dist/config/haproxy/load-haproxy.js";
import { loadSettings, settle } from "../../dist/config/load-settings.js";
import { placeComments } from "../../dist/config/place-comments.js";
import { writeYaml } from "../../dist/config/write-yaml.js";

const surroundings = { environment: {}, lookUp: async () => [] };
const reading = {
  environment: {},
  version: null,
  files: { isDirectory: () => false, read: () => null },
  workingDirectory: "/",
  hostName: "bench",
  opensslVersion: "3.0.0",
};

/** @param {number} servers in pools of 500 */
function makeText(servers) {
  const lines = ["defaults", "  timeout connect 5s", "  timeout client 5m", "  timeout server 5m"];
  for (let pool = 0; pool * 500 < servers; pool++) {
    lines.push(`listen pool${pool}`, `  bind *:${10_000 + pool}`, "  balance leastconn");
    for (let index = 0; index < Math.min(500, servers - pool * 500); index++) {
      const address = `10.${pool}.${index >> 8}.${index & 255}:1883`;
      lines.push(`  server broker-${index} ${address} check inter 5s weight ${1 + (index % 9)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** @param {string} name @param {() => Promise<unknown>} work */
async function time(name, work) {
  const pauses = monitorEventLoopDelay({ resolution: 1 });
  const rounds = [];
  for (let round = 0; round < 5; round++) {
    const before = { ns: process.hrtime.bigint(), cpu: process.cpuUsage() };
    pauses.enable();
    await work();
    await setImmediate();
    pauses.disable();
    const { user, system } = process.cpuUsage(before.cpu);
    const wallMs = Number(process.hrtime.bigint() - before.ns) / 1e6;
    rounds.push({ wallMs, cpuMs: (user + system) / 1e3, pauseMs: pauses.max / 1e6 });
    pauses.reset();
  }
  const figures = /** @type {const} */ (["wallMs", "cpuMs", "pauseMs"]).map((key) => {
    const [best, , middle] = rounds.map((round) => round[key]).sort((a, b) => a - b);
    return `${best?.toFixed(0).padStart(6)} ${middle?.toFixed(0).padStart(6)}`;
  });
  console.log(`${name.padEnd(40)} ${figures.join("   ")}`);
}

console.log(`${"ms: best, middle".padEnd(42)} time             CPU         longest pause`);
for (const servers of [200, 2_000, 20_000]) {
  const text = makeText(servers);
  const file = "haproxy.cfg";
  const read = () => loadHaproxy([{ file, text }], reading);
  await time(`haproxy.cfg, ${servers} servers, document`, async () => read());
  await time(`haproxy.cfg, ${servers} servers, settings`, () =>
    settle(read(), [file], surroundings),
  );
  const { root, comments } = read();
  const yaml = writeYaml(root, { ...placeComments(root, comments), head: [] });
  await time(`its YAML, ${servers} servers, settings`, () =>
    loadSettings({ file, text: yaml }, surroundings),
  );
}
