// Why an outlet cannot send, in words, by the system's name of the error. Pure.

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder",
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
  ENOSPC: "no space is left",
  ECONNREFUSED: "connection refused",
  EHOSTUNREACH: "no way leads to this host",
  ENETUNREACH: "no way leads to this network",
  ENOTFOUND: "no such host",
  EAI_AGAIN: "the name server does not answer",
};

/** @param code the system's name: `ENOENT` */
export function problemOfCode(code: string): string {
  return WORDS[code] ?? code;
}

export function problemOfError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return WORDS[code] ?? error.message;
}
