// The files that an `include` names: one, or all that match a pattern with `*`, `?` and `[a-z]`.
// Relative names start at the folder of the main file, whichever file includes. Bounded by what
// the directories hold.

import { isAbsolute, join } from "node:path";
import type { NginxFiles } from "./emission.ts";
import type { IncludedFile } from "./parse.ts";

const HAS_PATTERN = /[*?[]/;

export function findIncluded(
  name: string,
  folder: string,
  files: NginxFiles,
): readonly IncludedFile[] {
  const path = isAbsolute(name) ? name : join(folder, name);
  const found = HAS_PATTERN.test(path) ? match(path, files) : [path];
  return found.map((file) => ({ file, text: files.read(file) }));
}

/** In the order of the alphabet, as glob(3) gives them. */
function match(path: string, files: NginxFiles): readonly string[] {
  const [first = "", ...steps] = path.split("/");
  const start = first === "" ? "/" : first;
  let found = HAS_PATTERN.test(first) ? matchIn("", first, files) : [start];
  for (const step of steps) {
    found = found.flatMap((base) => {
      return HAS_PATTERN.test(step) ? matchIn(base, step, files) : [join(base, step)];
    });
  }
  return found.filter((file) => files.read(file) !== null);
}

function matchIn(base: string, step: string, files: NginxFiles): string[] {
  const pattern = toRegExp(step);
  const names = files.list(base).filter((name) => {
    // A dot at the beginning is matched by a dot only.
    return pattern.test(name) && (!name.startsWith(".") || step.startsWith("."));
  });
  return [...names].sort().map((name) => join(base, name));
}

function toRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\[!?[^\]]+\]|[*?]|[\\^$+.()|{}[\]]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length > 2) return part.replace("[!", "[^");
    return `\\${part}`;
  });
  return new RegExp(`^${source}$`);
}
