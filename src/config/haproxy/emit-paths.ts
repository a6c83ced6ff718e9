// Paths of files as haproxy.cfg names them, turned into paths as our document names them: HAProxy
// starts at the working directory and the base of the kind, we start at the configuration file.

import { dirname, isAbsolute, join, relative, resolve } from "node:path";

export interface PathBases {
  /** The directory that HAProxy would have been started in. */
  readonly workingDirectory: string;
  /** The configuration file: our document's paths start at its folder. */
  readonly file: string;
  /** `ca-base` and `crt-base` of the global section; empty where there is none. */
  readonly authorities: string;
  readonly certificates: string;
}

/** `plain`: a file that has no base. */
export type PathKind = "authorities" | "certificates" | "plain";

/** Names that are no files: `ca-file @system-ca`. */
const SYSTEM_AUTHORITIES = "@system-ca";

export function writePath(text: string, kind: PathKind, bases: PathBases): string {
  if (kind === "authorities" && text === SYSTEM_AUTHORITIES) return "system";
  const base = kind === "plain" ? "" : bases[kind];
  const based = isAbsolute(text) ? text : join(base, text);
  if (isAbsolute(based)) return based;
  const folder = resolve(bases.workingDirectory, dirname(bases.file));
  const path = relative(folder, resolve(bases.workingDirectory, based));
  return path === "" ? "." : path;
}
