// What the file keeps of passwords and tokens of the admin address: hashes, as text. Pure parsing;
// admin/credentials.ts compares.
//
//   scrypt:LOG2N:R:P:SALT:HASH   of a password; salt and hash in base64url (RFC 7914)
//   sha256:HEX                   of a token, which is drawn at random and long: no slow hash is due

export interface PasswordHash {
  readonly log2Cost: number;
  readonly blockSize: number;
  readonly parallelism: number;
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

/** What one login may cost at most: 128 * 2^LOG2N * R bytes, 256 MiB. */
const MEMORY_MAX = 256 * 1024 * 1024;

const PASSWORD = /^scrypt:(\d{1,2}):(\d{1,2}):(\d{1,2}):([\w-]{16,128}):([\w-]{22,128})$/;
const TOKEN = /^sha256:([0-9a-f]{64})$/;

/** @returns null when `text` is no such hash, or one that costs too much or too little */
export function parsePasswordHash(text: string): PasswordHash | null {
  const match = PASSWORD.exec(text);
  if (match === null) return null;
  const [log2Cost, blockSize, parallelism] = match.slice(1, 4).map(Number) as [
    number,
    number,
    number,
  ];
  const isRight = log2Cost >= 12 && blockSize >= 1 && parallelism >= 1 && parallelism <= 16;
  if (!isRight || 128 * 2 ** log2Cost * blockSize > MEMORY_MAX) return null;
  const [salt, hash] = match.slice(4).map((part) => Buffer.from(part, "base64url")) as [
    Buffer,
    Buffer,
  ];
  return { log2Cost, blockSize, parallelism, salt, hash };
}

export function formatPasswordHash(of: PasswordHash): string {
  const [salt, hash] = [of.salt, of.hash].map((bytes) => Buffer.from(bytes).toString("base64url"));
  return ["scrypt", of.log2Cost, of.blockSize, of.parallelism, salt, hash].join(":");
}

/** @returns the 32 bytes; null when `text` is no hash of a token */
export function parseTokenHash(text: string): Uint8Array | null {
  const digits = TOKEN.exec(text)?.[1];
  return digits === undefined ? null : Buffer.from(digits, "hex");
}

export function formatTokenHash(hash: Uint8Array): string {
  return `sha256:${Buffer.from(hash).toString("hex")}`;
}
