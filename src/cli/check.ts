// `fairlead check FILE`: prints every mistake in a configuration, starts nothing.
//
// Mistakes are printed one a line, as compilers do it, so that editors can jump to them. The exit
// code is the answer: 0 or 1.

import { formatDiagnostic } from "../config/diagnostic.ts";
import { type ConfigRequest, loadConfig } from "../config/load-config.ts";
import type { Surroundings } from "../config/load-settings.ts";
import type { Settings } from "../config/settings.ts";

/**
 * @param print takes one line without its end
 * @returns the exit code: 0 when the file can be run, 1 when not
 */
export async function checkCommand(
  request: ConfigRequest,
  surroundings: Surroundings,
  print: (line: string) => void,
): Promise<number> {
  const file = request.files.join(", ");
  const { settings, diagnostics, problem } = await loadConfig(request, surroundings);
  if (problem !== null) {
    print(problem);
    return 1;
  }
  for (const diagnostic of diagnostics) print(formatDiagnostic(diagnostic));
  if (settings === null) {
    const count = diagnostics.filter(({ severity }) => severity === "error").length;
    print(`${file}: ${counted(count, "mistake")}`);
    return 1;
  }
  print(`${file}: OK, ${summarize(settings)}`);
  return 0;
}

function summarize({ listeners, pools, servers, policy }: Settings): string {
  const parts = [
    counted(listeners.length, "listener"),
    counted(pools.length, "pool"),
    counted(servers.length, "server"),
    ...(policy ? ["a policy"] : []),
  ];
  return parts.join(", ");
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
