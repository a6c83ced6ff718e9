// Passwords and tokens: hashed for the file, and compared with what the file has.
//
// A password costs a slow hash, so at most VERIFYING_MAX are judged at a time and WAITING_MAX wait;
// what was right once is remembered by a keyed hash of it, so that a dashboard costs one. Bounded
// by these and REMEMBERED_MAX.

import { createHash, createHmac, randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import {
  formatPasswordHash,
  formatTokenHash,
  type PasswordHash,
  parsePasswordHash,
  parseTokenHash,
} from "../../config/credential.ts";
import type { AdminUser } from "../../config/settings.ts";
import { ProblemError } from "../problem.ts";

const VERIFYING_MAX = 2;
const WAITING_MAX = 16;
const REMEMBERED_MAX = 256;
const TOKEN_SIZE = 32;
const COST = { log2Cost: 15, blockSize: 8, parallelism: 1 } as const;
const HASH_SIZE = 32;

const deriveKey = promisify<
  string,
  Uint8Array,
  number,
  { N: number; r: number; p: number; maxmem: number },
  Buffer
>(scrypt);

/** @returns what the file keeps of a password */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const empty = { ...COST, salt, hash: Buffer.alloc(HASH_SIZE) };
  return formatPasswordHash({ ...empty, hash: await derive(password, empty) });
}

/** @returns a token for whoever is to use it, and what the file keeps of it */
export function drawToken(): { readonly token: string; readonly hash: string } {
  const token = `fl_${randomBytes(TOKEN_SIZE).toString("base64url")}`;
  return { token, hash: formatTokenHash(sha256(token)) };
}

export class CredentialJudge {
  /** Of what was right: a keyed hash of user, hash and password. */
  private readonly remembered = new Set<string>();
  private readonly secret = randomBytes(32);
  /** Stands in for users who are not there, so that they take as long. */
  private readonly nobody: PasswordHash = {
    ...COST,
    salt: randomBytes(16),
    hash: randomBytes(HASH_SIZE),
  };
  private verifying = 0;
  private readonly waiting: (() => void)[] = [];

  /** @returns the user whose token it is, or null */
  findByToken(users: readonly AdminUser[], token: string): AdminUser | null {
    const hash = sha256(token);
    let found: AdminUser | null = null;
    for (const user of users) {
      const wanted = user.token === null ? null : parseTokenHash(user.token);
      if (wanted !== null && timingSafeEqual(wanted, hash)) found = user;
    }
    return found;
  }

  /**
   * @returns the user whose name and password these are, or null
   * @throws ProblemError 429 when too many passwords wait to be judged
   */
  async findByPassword(
    users: readonly AdminUser[],
    name: string,
    password: string,
  ): Promise<AdminUser | null> {
    const user = users.find((each) => each.name === name && each.password !== null) ?? null;
    const mark = this.markOf(name, user?.password ?? "", password);
    if (this.remembered.has(mark)) return user;
    const wanted = (user?.password && parsePasswordHash(user.password)) || this.nobody;
    const isRight = await this.verify(password, wanted);
    if (!isRight || user === null) return null;
    if (this.remembered.size >= REMEMBERED_MAX) this.remembered.clear();
    this.remembered.add(mark);
    return user;
  }

  private async verify(password: string, wanted: PasswordHash): Promise<boolean> {
    await this.takeTurn();
    try {
      return timingSafeEqual(await derive(password, wanted), wanted.hash);
    } finally {
      this.verifying--;
      this.waiting.shift()?.();
    }
  }

  private async takeTurn(): Promise<void> {
    if (this.verifying >= VERIFYING_MAX) {
      if (this.waiting.length >= WAITING_MAX) {
        throw new ProblemError(429, "Too many logins are being tried; try again in a moment");
      }
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    this.verifying++;
  }

  private markOf(...parts: readonly string[]): string {
    const mark = createHmac("sha256", this.secret);
    return mark.update(JSON.stringify(parts)).digest("base64");
  }
}

function derive(password: string, hash: PasswordHash): Promise<Buffer> {
  const { log2Cost, blockSize: r, parallelism: p } = hash;
  const N = 2 ** log2Cost;
  return deriveKey(password, hash.salt, hash.hash.length, { N, r, p, maxmem: 256 * N * r });
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
