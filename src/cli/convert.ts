// `fairlead convert FILE`: prints haproxy.cfg as fairlead.yaml, with its comments where they stood.
//
// What is wrong, or makes no difference, goes to standard error; with an error nothing is printed.

import { formatDiagnostic, hasErrors } from "../config/diagnostic.ts";
import {
  type ConfigDocument,
  type ConfigRequest,
  loadConfig,
  readDocument,
} from "../config/load-config.ts";
import type { Surroundings } from "../config/load-settings.ts";
import { writeYaml } from "../config/write-yaml.ts";
import { EXIT_OK, EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import type { Printer } from "./printer.ts";

const SCHEMA = "yaml-language-server: $schema=../docs/fairlead.schema.json";

export async function convertCommand(
  request: ConfigRequest,
  surroundings: Surroundings,
  printer: Printer,
): Promise<ExitCode> {
  const { document, problem } = await readDocument(request, surroundings.environment);
  if (document === null) {
    printer.complain(problem);
    return EXIT_PROBLEM;
  }
  const { diagnostics } = await loadConfig(request, surroundings);
  for (const diagnostic of diagnostics) printer.complain(formatDiagnostic(diagnostic));
  if (hasErrors(diagnostics) || document.loaded.root === null) return EXIT_PROBLEM;
  printer.print(writeDocument(document).trimEnd());
  return EXIT_OK;
}

/** @returns the text of fairlead.yaml; `loaded` has a root */
export function writeDocument({ loaded, comments, trailing, files }: ConfigDocument): string {
  const names = files.map((file) => file.split("/").at(-1)).join(", ");
  const head = [SCHEMA, "", `Converted from ${names}.`];
  return writeYaml(loaded.root!, { comments, head, trailing });
}
