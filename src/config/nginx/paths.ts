// Paths of files as nginx.conf names them: relative ones start at its folder, as they do in our
// document. A file that is not there and is in the folder of the command is meant to be that one.

import { isAbsolute, join, resolve } from "node:path";
import type { Word } from "../import/word.ts";
import type { Emission } from "./emission.ts";

export function writePath(emission: Emission, { text }: Word): string {
  const { folder, workingDirectory, files } = emission;
  if (isAbsolute(text) || files.read(join(folder, text)) !== null) return text;
  const elsewhere = resolve(workingDirectory, text);
  return files.read(elsewhere) === null ? text : elsewhere;
}

/** @returns whether the word names a file, and no engine, store or text with variables */
export function isPlainFile({ report }: Emission, word: Word, name: string): boolean {
  const scheme = /^(data|engine|store|pkcs11):/.exec(word.text)?.[1];
  if (scheme === undefined && !word.text.includes("$")) return true;
  const why = scheme === undefined ? "differs from client to client" : `is no file but ${scheme}:`;
  report.error(word, `${name} ${why}`, "a PEM file");
  return false;
}
