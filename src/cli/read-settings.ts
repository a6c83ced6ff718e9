// A configuration file as settings, for the commands that run it; its mistakes go to the printer.

import { networkInterfaces } from "node:os";
import { formatDiagnostic } from "../config/diagnostic.ts";
import { systemLookup } from "../config/host-lookup.ts";
import { type ConfigRequest, loadConfig } from "../config/load-config.ts";
import { loadSettings, type Surroundings } from "../config/load-settings.ts";
import type { YamlSource } from "../config/load-yaml.ts";
import type { Settings } from "../config/settings.ts";
import type { ReadAgain } from "../supervisor/reloader.ts";
import type { Printer } from "./printer.ts";

/** The real world, as configuration files may refer to it. */
export const SURROUNDINGS: Surroundings = {
  environment: process.env,
  lookUp: systemLookup,
  ownAddresses: () =>
    Object.values(networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address)),
};

/** @returns null when the file cannot be used; the printer has been told why */
export async function readSettings(
  request: ConfigRequest,
  printer: Printer,
): Promise<Settings | null> {
  const { settings, diagnostics, problem } = await loadConfig(request, SURROUNDINGS);
  if (problem !== null) printer.complain(problem);
  for (const diagnostic of diagnostics) printer.complain(formatDiagnostic(diagnostic));
  return settings;
}

/** For a reload: what is wrong is returned and not printed. */
export async function readAgain(request: ConfigRequest): Promise<ReadAgain> {
  const diagnostics: string[] = [];
  const keep = (line: string) => diagnostics.push(line);
  const settings = await readSettings(request, { print: keep, complain: keep });
  return { settings, diagnostics };
}

/** The same for text that is in memory already. */
export async function settingsOf(source: YamlSource, printer: Printer): Promise<Settings | null> {
  const { settings, diagnostics } = await loadSettings(source, SURROUNDINGS);
  for (const diagnostic of diagnostics) printer.complain(formatDiagnostic(diagnostic));
  return settings;
}
