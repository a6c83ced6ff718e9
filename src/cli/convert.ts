// `fairlead convert FILE`: prints haproxy.cfg or nginx.conf as fairlead.yaml, with its comments
// where they stood.
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
import { placeComments } from "../config/place-comments.ts";
import type { RawMap } from "../config/raw-document.ts";
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
  if (document.policy) printer.complain("Cannot convert the hooks: YAML has no words for code");
  const { root } = document.loaded;
  if (hasErrors(diagnostics) || document.policy || root?.kind !== "map") return EXIT_PROBLEM;
  printer.print(writeDocument(root, document).trimEnd());
  return EXIT_OK;
}

/** @returns the text of fairlead.yaml */
export function writeDocument(root: RawMap, { comments, files }: ConfigDocument): string {
  const names = files.map((file) => file.split("/").at(-1)).join(", ");
  const places = placeComments(root, comments);
  const head = [SCHEMA, "", `Converted from ${names}.`];
  if (places.head.length > 0) head.push("", ...places.head);
  return writeYaml(root, { ...places, head });
}
