// `fairlead convert FILE`: prints haproxy.cfg or nginx.conf as fairlead.yaml, with its comments
// where they stood.
//
// What is wrong, or makes no difference, goes to standard error; with an error nothing is printed.

import { fileURLToPath } from "node:url";
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

/** Where this installation has the schema: src/ and dist/ lie side by side. */
const SCHEMA_FILE = fileURLToPath(new URL("../../docs/fairlead.schema.json", import.meta.url));

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
  printer.print(writeDocument(root, document, SCHEMA_FILE).trimEnd());
  return EXIT_OK;
}

/**
 * @param schema where editors find the JSON Schema
 * @returns the text of fairlead.yaml
 */
export function writeDocument(
  root: RawMap,
  { comments, files }: ConfigDocument,
  schema: string,
): string {
  const names = files.map((file) => file.split("/").at(-1)).join(", ");
  const places = placeComments(root, comments);
  const head = [`yaml-language-server: $schema=${schema}`, "", `Converted from ${names}.`];
  if (places.head.length > 0) head.push("", ...places.head);
  return writeYaml(root, { ...places, head });
}
