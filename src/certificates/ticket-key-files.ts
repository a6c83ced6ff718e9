// Keys of session tickets as files hold them, in the forms of nginx and HAProxy: machines that have
// the same files resume each other's sessions.
//
//   80 bytes as they are          one key (nginx): a name (16), a key for HMAC (32) and one for AES
//   lines of base64, 80 bytes     the last three count, and the last but one seals (HAProxy), so
//   each, three at least          that all machines know a new last line before one seals with it;
//                                 a name (16), a key for AES (32), one for HMAC (32)
//
// The order within a key matters to nobody but machines of the other make that have the same file.
// Bounded by TICKET_KEYS_MAX keys over all files. What is wrong is an answer in words, which says
// nothing of the keys themselves. Watches nothing.

import type { FileReader } from "./file-reader.ts";
import { TICKET_KEY_SIZE } from "./ticket-keys.ts";

/** As many as workers hold. */
export const TICKET_KEYS_MAX = 8;
/** Of a file of lines. */
const LINES_USED = 3;
/** A key for AES-128, which both others take as well. */
const SHORT_KEY_SIZE = 48;
const NAME_SIZE = 16;
/** Where the second half of what is behind the name begins. */
const HALF_AT = 48;

const ONE_KEY = `${TICKET_KEY_SIZE} bytes, as \`openssl rand 80\` makes them`;
const LINES = "lines as `openssl rand 80 | openssl base64 -A` makes them";

export interface TicketKeyFinding {
  /** Which of the files. */
  readonly index: number;
  /** A sentence that names the file. */
  readonly message: string;
  readonly expected: string | null;
}

export interface ReadTicketKeys {
  /**
   * TICKET_KEY_SIZE bytes each: name, HMAC, AES; the first one seals. Null exactly when there is a
   * finding.
   */
  readonly keys: readonly Uint8Array[] | null;
  readonly findings: readonly TicketKeyFinding[];
}

type Mistake = Omit<TicketKeyFinding, "index">;

/** @param paths that can be opened, one at least; the key that seals is of the first one */
export async function readTicketKeys(
  paths: readonly string[],
  files: FileReader,
): Promise<ReadTicketKeys> {
  const keys: Uint8Array[] = [];
  const findings: TicketKeyFinding[] = [];
  for (const [index, path] of paths.entries()) {
    const { value, problem } = await files.read(path);
    const found =
      value === null
        ? { message: `"${path}" cannot be read: ${problem}`, expected: null }
        : parseTicketKeys(path, value);
    if (!Array.isArray(found)) findings.push({ index, ...found });
    else keys.push(...found);
  }
  if (keys.length > TICKET_KEYS_MAX) {
    const message = `these files hold ${keys.length} ticket keys`;
    const expected = `at most ${TICKET_KEYS_MAX}; of a file of lines three count`;
    findings.push({ index: paths.length - 1, message, expected });
  }
  return { keys: findings.length === 0 ? keys : null, findings };
}

/** @returns the names that stand in front of tickets for all to see, in hex: no secrets */
export function nameTicketKeys(keys: readonly Uint8Array[]): readonly string[] {
  return keys.map((key) => Buffer.from(key.subarray(0, NAME_SIZE)).toString("hex"));
}

export function areSameKeys(one: readonly Uint8Array[], other: readonly Uint8Array[]): boolean {
  return one.length === other.length && one.every((key, i) => Buffer.compare(key, other[i]!) === 0);
}

/** @returns the keys, the one that seals first */
function parseTicketKeys(path: string, bytes: Uint8Array): Uint8Array[] | Mistake {
  if (bytes.length === TICKET_KEY_SIZE) return [bytes];
  if (bytes.length === SHORT_KEY_SIZE) return refuseShort(`"${path}" holds`, ONE_KEY);
  const text = new TextDecoder("latin1").decode(bytes);
  const keys: Uint8Array[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const written = line.trim();
    if (written === "") continue;
    const key = decodeBase64(written);
    if (key === null && keys.length === 0) return refuseForm(path, bytes.length);
    const where = `line ${index + 1} of "${path}"`;
    if (key === null) return { message: `${where} is no base64`, expected: LINES };
    if (key.length === SHORT_KEY_SIZE) return refuseShort(`${where} holds`, LINES);
    if (key.length !== TICKET_KEY_SIZE) {
      return { message: `${where} holds ${key.length} bytes`, expected: LINES };
    }
    keys.push(turnHalves(key));
  }
  return arrangeLines(path, keys);
}

function turnHalves(key: Uint8Array): Uint8Array {
  const turned = key.slice();
  turned.set(key.subarray(HALF_AT), NAME_SIZE);
  turned.set(key.subarray(NAME_SIZE, HALF_AT), HALF_AT);
  return turned;
}

function arrangeLines(path: string, keys: readonly Uint8Array[]): Uint8Array[] | Mistake {
  const [older, sealing, next] = keys.slice(-LINES_USED);
  if (next !== undefined) return [sealing!, next, older!];
  if (keys.length === 0) return { message: `"${path}" holds no ticket key`, expected: ONE_KEY };
  const message = `"${path}" holds too few lines: ${keys.length}`;
  return { message, expected: `${LINES_USED} at least, of which the last but one seals` };
}

function refuseShort(start: string, expected: string): Mistake {
  return { message: `${start} a ticket key of ${SHORT_KEY_SIZE} bytes, for AES-128`, expected };
}

function refuseForm(path: string, size: number): Mistake {
  const message = `"${path}" holds no ticket key: ${size} bytes that are no base64`;
  return { message, expected: `${ONE_KEY}, or ${LINES}` };
}

/** @returns null where the text is something else */
function decodeBase64(text: string): Uint8Array | null {
  const isBase64 = text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
  return isBase64 ? new Uint8Array(Buffer.from(text, "base64")) : null;
}
