// What the file system says of the files that haproxy.cfg and nginx.conf name. Bounded by
// FILE_SIZE_MAX; what cannot be read is as if it were not there, and whoever needs it says so.

import { readFileSync, statSync } from "node:fs";

const FILE_SIZE_MAX = 16 * 1024 * 1024;

/** What is asked of the file system, for tests to answer in its place. */
export interface FileFacts {
  isDirectory(path: string): boolean;
  /** Null when it cannot be read. */
  read(path: string): string | null;
}

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
