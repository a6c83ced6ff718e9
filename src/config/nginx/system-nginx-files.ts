// What the file system says of files that nginx.conf names: the systemFacts of haproxy.cfg, and
// what is in a directory, for the patterns of `include`.

import { readdirSync } from "node:fs";
import { systemFacts } from "../import/system-facts.ts";
import type { NginxFiles } from "./emission.ts";

export const systemNginxFiles: NginxFiles = {
  read: systemFacts.read,
  list(path) {
    try {
      return readdirSync(path === "" ? "." : path);
    } catch {
      return []; // As if it were empty: a pattern that matches nothing is no mistake.
    }
  },
};
