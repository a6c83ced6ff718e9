// A configuration file as settings, for the commands that run it; its mistakes go to the printer.

import { formatDiagnostic } from "../config/diagnostic.ts";
import { systemLookup } from "../config/host-lookup.ts";
import { loadSettings, type Surroundings } from "../config/load-settings.ts";
import type { YamlSource } from "../config/load-yaml.ts";
import { readSource } from "../config/read-source.ts";
import type { Settings } from "../config/settings.ts";
import type { ReadAgain } from "../supervisor/reloader.ts";
import type { Printer } from "./printer.ts";

/** The real world, as configuration files may refer to it. */
export const SURROUNDINGS: Surroundings = { environment: process.env, lookUp: systemLookup };

/** @returns null when the file cannot be used; the printer has been told why */
export async function readSettings(file: string, printer: Printer): Promise<Settings | null> {
  const { source, problem } = await readSource(file);
  if (source !== null) return settingsOf(source, printer);
  printer.complain(problem);
  return null;
}

/** For a reload: what is wrong is returned and not printed. */
export async function readAgain(file: string): Promise<ReadAgain> {
  const diagnostics: string[] = [];
  const keep = (line: string) => diagnostics.push(line);
  const settings = await readSettings(file, { print: keep, complain: keep });
  return { settings, diagnostics };
}

/** The same for text that is in memory already. */
export async function settingsOf(source: YamlSource, printer: Printer): Promise<Settings | null> {
  const { settings, diagnostics } = await loadSettings(source, SURROUNDINGS);
  for (const diagnostic of diagnostics) printer.complain(formatDiagnostic(diagnostic));
  return settings;
}
