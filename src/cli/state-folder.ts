// Where Fairlead keeps what it has made itself: the state folder of whoever runs it. Pure.

import { isAbsolute, join } from "node:path";

/**
 * As the XDG Base Directory Specification has it: $XDG_STATE_HOME, or ~/.local/state; a path that
 * is not absolute counts as not set.
 * @param home the user's home directory
 */
export function defaultStateFolder(
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string {
  const given = environment["XDG_STATE_HOME"] ?? "";
  const base = isAbsolute(given) ? given : join(home, ".local", "state");
  return join(base, "fairlead");
}
