// Reads certificate files and lists their directories: the one place here that opens files.
//
// Bounded: a file is read up to FILE_SIZE_MAX bytes, a directory may name FILES_MAX files. What the
// file system says against it is an answer in words, never an exception.

import { constants, open, readdir } from "node:fs/promises";

export const FILE_SIZE_MAX = 4 * 1024 * 1024;
export const FILES_MAX = 10_000;

export type Answer<Value> =
  | { readonly value: Value; readonly problem: null }
  /** `problem` is to be read after "cannot be read: ". */
  | { readonly value: null; readonly problem: string };

/** What files are read with; tests bring files of their own. */
export interface FileReader {
  read(path: string): Promise<Answer<Uint8Array>>;
  /** @returns names, sorted */
  list(directory: string): Promise<Answer<readonly string[]>>;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
  ELOOP: "too many symbolic links",
};

export const systemFiles: FileReader = {
  read: (path) => answer(() => readBounded(path)),
  list: (directory) => answer(() => listBounded(directory)),
};

async function answer<Value>(ask: () => Promise<Value>): Promise<Answer<Value>> {
  try {
    return { value: await ask(), problem: null };
  } catch (error) {
    return { value: null, problem: reasonOf(error) };
  }
}

async function readBounded(path: string): Promise<Uint8Array> {
  // Otherwise a named pipe would have us wait for its writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error("it is no plain file");
    if (stat.size > FILE_SIZE_MAX) throw new Error(`it is longer than ${FILE_SIZE_MAX} bytes`);
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    for (let bytesRead = -1; bytesRead !== 0 && length < bytes.length; length += bytesRead) {
      ({ bytesRead } = await handle.read(bytes, length, bytes.length - length));
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}

async function listBounded(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory);
  if (names.length > FILES_MAX) throw new Error(`it holds more than ${FILES_MAX} files`);
  return names.sort();
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}
