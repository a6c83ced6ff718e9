// What keeps a file from being read or written, in words, by the system's name of the error. Pure.

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "no such file",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
  EEXIST: "something else has that name",
  ELOOP: "too many symbolic links",
  EROFS: "nothing can be written there",
  ENOSPC: "no space is left",
};

/** @returns to be read after "Cannot read x: "; what we have no words for as the system says it */
export function fileProblemOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return WORDS[code] ?? error.message;
}
