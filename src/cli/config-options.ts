// The options by which commands name a configuration: its files, what they are written in, and for
// haproxy.cfg which version of HAProxy they are for.

import { type Command, InvalidArgumentError, Option } from "commander";
import { CONFIG_FORMATS, type ConfigFormat } from "../config/config-format.ts";
import { parseVersion, type Version } from "../config/haproxy/version.ts";
import type { ConfigRequest } from "../config/load-config.ts";

export interface ConfigOptions {
  readonly config: readonly string[];
  /** The same. */
  readonly f?: readonly string[];
  readonly format?: ConfigFormat;
  readonly haproxyVersion?: Version;
  readonly strict: boolean;
}

/** Adds the options to a command whose action gets `ConfigOptions`. */
export function addConfigOptions(command: Command): Command {
  const collect = (file: string, before: readonly string[] = []) => [...before, file];
  command
    .argument(
      "[files...]",
      "fairlead.yaml, fairlead.config.ts, haproxy.cfg or nginx.conf; " +
        "several .cfg, or a folder of them, are read as one",
    )
    .option("-c, --config <file>", "the same, as nginx has it", collect)
    .addOption(
      new Option("-f <file>", "the same, as HAProxy has it").argParser(collect).hideHelp(),
    );
  return addReadingOptions(command);
}

/**
 * The files that were named, in whichever way.
 * @throws CommanderError when none was
 */
export function filesOf(
  command: Command,
  files: readonly string[],
  { config = [], f = [] }: Partial<Pick<ConfigOptions, "config" | "f">>,
): readonly string[] {
  const all = [...f, ...config, ...files];
  if (all.length > 0) return all;
  return command.error(`Name a configuration: fairlead ${command.name()} FILE`);
}

/** The same without `-c`, for commands that take files as arguments. */
export function addReadingOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--format <format>", "what files are written in (default: told by contents)") //
        .choices(CONFIG_FORMATS),
    )
    .option(
      "--haproxy-version <version>",
      "the version of HAProxy that haproxy.cfg is for: some defaults differ",
      parseHaproxyVersion,
    )
    .option("--strict", "take notices for errors", false);
}

export function requestFrom({
  config,
  format,
  haproxyVersion,
  strict,
}: ConfigOptions): ConfigRequest {
  return { files: config, format: format ?? null, haproxyVersion: haproxyVersion ?? null, strict };
}

function parseHaproxyVersion(text: string): Version {
  const version = parseVersion(text);
  if (version !== null) return version;
  throw new InvalidArgumentError("It must be a version such as 2.6 or 3.3");
}
