// Installs the Debian packages that the tests need: someone else's brokers, clients, balancer and
// C compiler. Called by `npm test` before anything is built, hence plain JavaScript.
//
// Does nothing when all are there. Installs only through apt-get, only what is missing, and only
// for root or where sudo asks for no password; otherwise it names the packages and goes on: the
// tests that need them fail and name them again. Starts no service. The list is
// tests/process/peers.json.

import { spawnSync } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join } from "node:path";

/** @typedef {{ program?: string, file?: string, package: string }} Peer */

const POLICY_PATH = "/usr/sbin/policy-rc.d";
/** 101 is "forbidden by policy": invoke-rc.d then starts nothing. */
const POLICY = "#!/bin/sh\nexit 101\n";
const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

const missing = missingPackages(readPeers());
if (missing.length > 0) installOrTell(missing);

/** @returns {Peer[]} */
function readPeers() {
  const list = new URL("../tests/process/peers.json", import.meta.url);
  return JSON.parse(readFileSync(list, "utf8"));
}

/** @param {Peer[]} peers @returns {string[]} packages, each once */
function missingPackages(peers) {
  return [...new Set(peers.filter((peer) => !isThere(peer)).map((peer) => peer.package))];
}

/** @param {Peer} peer */
function isThere({ program, file }) {
  if (file !== undefined) return existsSync(file);
  const folders = (process.env["PATH"] ?? "").split(delimiter).concat(SYSTEM_FOLDERS);
  return folders.some((folder) => isExecutable(join(folder, program ?? "")));
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or not ours to run: the same thing to a test.
  }
}

/** @param {string[]} packages */
function installOrTell(packages) {
  const prefix = rootPrefix();
  const names = packages.join(" ");
  if (prefix === null || !isThere({ program: "apt-get", package: "apt" })) {
    const remedy = `sudo apt-get install --no-install-recommends ${names}`;
    console.warn(`Missing packages that tests need: ${names}\nInstall them with: ${remedy}`);
    return;
  }
  console.log(`Installing packages that tests need: ${names}`);
  if (!withoutServices(prefix, () => aptInstall(prefix, packages))) {
    console.warn(`Could not install ${names}; the tests that need them will fail and say so`);
  }
}

/** @returns {string[] | null} what goes before a command to run it as root; null: we may not */
function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  const sudo = spawnSync("sudo", ["-n", "true"], { stdio: "ignore" });
  return sudo.status === 0 ? ["sudo", "-n"] : null;
}

/** @param {string[]} prefix @param {string[]} packages @returns {boolean} whether all are there */
function aptInstall(prefix, packages) {
  const install = ["apt-get", "install", "-y", "--no-install-recommends", ...packages];
  // The package lists of a fresh image are empty or old: try, refresh once, try again.
  return run(prefix, install) || (run(prefix, ["apt-get", "update"]) && run(prefix, install));
}

/**
 * Runs `work` while a policy file forbids package scripts to start services; an administrator's own
 * policy stays as it is.
 * @template T @param {string[]} prefix @param {() => T} work @returns {T}
 */
function withoutServices(prefix, work) {
  const ours = !existsSync(POLICY_PATH) && writePolicy(prefix);
  try {
    return work();
  } finally {
    if (ours) removePolicy(prefix);
  }
}

/** @param {string[]} prefix @returns {boolean} whether the policy is in place */
function writePolicy(prefix) {
  if (prefix.length > 0) {
    const written = spawnSync("sudo", ["-n", "tee", POLICY_PATH], {
      input: POLICY,
      stdio: ["pipe", "ignore", "inherit"],
    });
    return written.status === 0 && run(prefix, ["chmod", "755", POLICY_PATH]);
  }
  writeFileSync(POLICY_PATH, POLICY);
  chmodSync(POLICY_PATH, 0o755);
  return true;
}

/** @param {string[]} prefix */
function removePolicy(prefix) {
  if (prefix.length > 0) run(prefix, ["rm", "-f", POLICY_PATH]);
  else rmSync(POLICY_PATH, { force: true });
}

/** @param {string[]} prefix @param {string[]} command @returns {boolean} whether it ended with 0 */
function run(prefix, command) {
  const [program = "", ...rest] = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", ...command];
  return spawnSync(program, rest, { stdio: "inherit" }).status === 0;
}
