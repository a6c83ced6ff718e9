// What no proxy on this machine can be cheaper than: relays in C that do nothing but relay, one
// over epoll, one over io_uring (floor/*.c). `npm run bench -- --floor` measures them in turn with
// the proxies, on those workloads that need no backpressure.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("floor/", import.meta.url));

/**
 * @param {string} name @param {string} title @param {string[]} libraries
 * @returns {import("./proxies.js").ProxyKind}
 */
function relay(name, title, libraries) {
  return {
    name: `floor-${name}`,
    title,
    speaks: ["mqtt"],
    bare: true,
    version: () => compilerVersion(),
    launch: ({ folder, ports, serverPort }) => {
      const program = join(folder, `relay-${name}`);
      compile(`${SOURCES}relay-${name}.c`, program, libraries);
      return { command: [program, `${ports.mqtt}`, `${serverPort}`] };
    },
  };
}

/** @type {readonly import("./proxies.js").ProxyKind[]} */
export const FLOOR_KINDS = [
  relay("epoll", "bare C, epoll", []),
  relay("uring", "bare C, io_uring", ["-luring"]),
];

/** @param {string} source @param {string} program @param {string[]} libraries */
function compile(source, program, libraries) {
  const words = ["-O2", "-Wall", "-Werror", source, "-o", program, ...libraries];
  const { status, error, stderr } = spawnSync("cc", words, { encoding: "utf8" });
  if (status === 0) return;
  const detail = error === undefined ? stderr.trim() : error.message;
  throw new Error(`Cannot compile "${source}": ${detail} (Debian: gcc, libc6-dev, liburing-dev)`);
}

function compilerVersion() {
  const { stdout } = spawnSync("cc", ["--version"], { encoding: "utf8" });
  return stdout?.split("\n")[0] ?? "no compiler";
}
