// What the commands of `fairlead ctl` share: whom they ask, how they answer, and how names become
// paths of the API.

import type { AdminTarget } from "./admin-client.ts";
import type { Printer } from "./printer.ts";
import { UsageError } from "./usage-error.ts";

/** What every command of `ctl` works with. */
export interface Ctl {
  readonly target: AdminTarget;
  readonly printer: Printer;
  /** For programs: what the API says, as it is. */
  readonly isJson: boolean;
}

/** Prints an answer: as it is, or in a line for people. */
export function say({ printer, isJson }: Ctl, answer: unknown, line: string): void {
  printer.print(isJson ? JSON.stringify(answer, null, 2) : line);
}

/**
 * The API has the last word on names; here they only have to find their way into a path.
 * @param name `pool/server`; throws UsageError for anything else
 */
export function serverPath(name: string): string {
  const slash = name.indexOf("/");
  if (slash < 0) {
    const hint = "fairlead ctl servers lists them";
    throw new UsageError(`Cannot find server "${name}": write it as POOL/SERVER; ${hint}`);
  }
  return `${poolPath(name.slice(0, slash))}/servers/${encodeURIComponent(name.slice(slash + 1))}`;
}

export function poolPath(name: string): string {
  return `/api/v1/pools/${encodeURIComponent(name)}`;
}

/** A client chooses its id: what a terminal would obey is not handed to it. */
export function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, "\u{fffd}");
}
