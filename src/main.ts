#!/usr/bin/env node
// The command `fairlead`: arguments to command, its answer to exit code. Looks at the machine
// first, so that nothing native is loaded where it cannot work.

import { findPlatformProblem } from "./cli/platform.ts";

const problem = findPlatformProblem({
  system: process.platform,
  architecture: process.arch,
  nodeVersion: process.versions.node,
});

if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

const { runProgram } = await import("./cli/program.ts");
const { openTerminal } = await import("./cli/printer.ts");
process.exit(await runProgram(process.argv.slice(2), openTerminal()));
