// A line of the JSON log as people read it in a terminal: time, level, sentence, remaining fields.
//
// Fields may hold what clients sent, so everything that could move a cursor is escaped. Pure.

const COLOURS: Readonly<Record<string, number>> = {
  trace: 90,
  debug: 90,
  info: 32,
  warn: 33,
  error: 31,
  fatal: 31,
};

/** Control characters of C0 and C1, line separators, and marks that reverse the writing. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * @param line one JSON object, as pino writes it
 * @returns the line for people, with its newline
 */
export function formatPrettyLine(line: string, isTerminal: boolean): string {
  const record: unknown = JSON.parse(line);
  const { time, level, msg, ...fields } = record as Record<string, unknown>;
  const clock = String(time).slice(11, 23);
  const label = String(level).toUpperCase().padEnd(5);
  const colour = COLOURS[String(level)] ?? 0;
  const shownLevel = isTerminal ? `\u001b[${colour}m${label}\u001b[0m` : label;
  const shownFields = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  const dim = (text: string) => (isTerminal && text !== "" ? `\u001b[2m${text}\u001b[0m` : text);
  const parts = [clock, shownLevel, makePrintable(String(msg)), dim(shownFields.join(" "))];
  return `${parts.filter((part) => part !== "").join(" ")}\n`;
}

function show(value: unknown): string {
  if (typeof value === "string" && /^[^\s"=]+$/.test(value)) return makePrintable(value);
  return makePrintable(JSON.stringify(value));
}

function makePrintable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u{${code.toString(16)}}`;
  });
}
