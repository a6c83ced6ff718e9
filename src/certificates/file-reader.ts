// Reads certificate files and lists their directories: the one place here that opens files.
//
// Bounded: a file is read up to FILE_SIZE_MAX bytes, a directory may name FILES_MAX files. What the
// file system says against it is an answer in words, never an exception.

import { constants, open, readdir } from "node:fs/promises";
import { fileProblemOf } from "./file-problem.ts";

export const FILE_SIZE_MAX = 4 * 1024 * 1024;
const FILES_MAX = 10_000;

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

export const systemFiles: FileReader = {
  read: (path) => answer(() => readBounded(path)),
  list: (directory) => answer(() => listBounded(directory)),
};

async function answer<Value>(ask: () => Promise<Answer<Value>>): Promise<Answer<Value>> {
  try {
    return await ask();
  } catch (error) {
    return refuse(fileProblemOf(error));
  }
}

function refuse(problem: string): Answer<never> {
  return { value: null, problem };
}

async function readBounded(path: string): Promise<Answer<Uint8Array>> {
  // Otherwise a named pipe would have us wait for its writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) return refuse("it is no plain file");
    if (stat.size > FILE_SIZE_MAX) return refuse(`it is longer than ${FILE_SIZE_MAX} bytes`);
    const bytes = new Uint8Array(stat.size);
    let length = 0;
    for (let bytesRead = -1; bytesRead !== 0 && length < bytes.length; length += bytesRead) {
      ({ bytesRead } = await handle.read(bytes, length, bytes.length - length));
    }
    return { value: bytes.subarray(0, length), problem: null };
  } finally {
    await handle.close();
  }
}

async function listBounded(directory: string): Promise<Answer<readonly string[]>> {
  const names = await readdir(directory);
  if (names.length > FILES_MAX) return refuse(`it holds more than ${FILES_MAX} files`);
  return { value: names.sort(), problem: null };
}
