// What the file system says of the files that haproxy.cfg names. Bounded by FILE_SIZE_MAX; what
// cannot be read is as if it were not there, and whoever needs it says so.

import { readFileSync, statSync } from "node:fs";
import type { FileFacts } from "./emission.ts";

const FILE_SIZE_MAX = 16 * 1024 * 1024;

export const systemFacts: FileFacts = {
  isDirectory: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
  read(path) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || !found.isFile() || found.size > FILE_SIZE_MAX) return null;
    try {
      return readFileSync(path, "utf8");
    } catch {
      return null; // No permission: whoever asked says that it cannot be read.
    }
  },
};
