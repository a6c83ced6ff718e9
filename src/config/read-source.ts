// Reads a configuration file from disk, and says what keeps it from being read.
//
// Bounded by the size that load-yaml.ts takes: a device or a huge file is refused, not read.

import { open } from "node:fs/promises";
import { fileProblemOf } from "../certificates/file-problem.ts";
import { TEXT_SIZE_MAX, type YamlSource } from "./load-yaml.ts";

export type ReadSource =
  | { readonly source: YamlSource; readonly problem: null }
  | { readonly source: null; readonly problem: string };

/** Never throws for what the file system says: `problem` is a sentence for the operator. */
export async function readSource(file: string): Promise<ReadSource> {
  try {
    const bytes = await readBounded(file);
    if (bytes === null) return refuse(file, `it is longer than ${TEXT_SIZE_MAX} bytes`);
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { source: { file, text }, problem: null };
  } catch (error) {
    return refuse(file, reasonOf(error));
  }
}

async function readBounded(file: string): Promise<Uint8Array | null> {
  const handle = await open(file, "r");
  try {
    const bytes = new Uint8Array(TEXT_SIZE_MAX + 1);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
      if (bytesRead === 0) return bytes.subarray(0, length);
      length += bytesRead;
    }
    return null;
  } finally {
    await handle.close();
  }
}

function refuse(file: string, reason: string): ReadSource {
  return { source: null, problem: `Cannot read "${file}": ${reason}` };
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return "it is not UTF-8 text";
  return fileProblemOf(error);
}
