// Puts ClientHellos together, good ones and bad ones, byte by byte.

/** A list behind its length of `size` bytes. */
export function list(size: number, items: readonly number[]): number[] {
  const length = Array.from({ length: size }, (_, index) => {
    return (items.length >> (8 * (size - 1 - index))) & 0xff;
  });
  return [...length, ...items];
}

export function text(name: string): number[] {
  return [...Buffer.from(name, "latin1")];
}

export function extension(type: number, body: readonly number[]): number[] {
  return [type >> 8, type & 0xff, ...list(2, body)];
}

export function serverNameExtension(name: string): number[] {
  return extension(0, list(2, [0, ...list(2, text(name))]));
}

export function alpnExtension(...names: string[]): number[] {
  return extension(
    16,
    list(
      2,
      names.flatMap((name) => list(1, text(name))),
    ),
  );
}

export interface HelloParts {
  readonly version?: number;
  readonly suites?: readonly number[];
  /** null: no list of extensions at all. */
  readonly extensions?: readonly number[] | null;
}

/** The handshake message, without records. */
export function helloMessage({ version = 0x0303, suites, extensions }: HelloParts = {}): number[] {
  const body = [
    version >> 8,
    version & 0xff,
    ...new Array(32).fill(7),
    ...list(1, new Array(32).fill(9)),
    ...list(2, suites ?? [0x13, 0x02, 0x13, 0x01]),
    ...list(1, [0]),
    ...(extensions === null ? [] : list(2, extensions ?? [])),
  ];
  return [1, ...list(3, body)];
}

/** A message in records of at most `size` bytes of it each. */
export function records(message: readonly number[], size = 16_384): Uint8Array {
  const pieces: number[] = [];
  for (let at = 0; at < message.length; at += size) {
    pieces.push(0x16, 3, 1, ...list(2, message.slice(at, at + size)));
  }
  return Uint8Array.from(pieces);
}
