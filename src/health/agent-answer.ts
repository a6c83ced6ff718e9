// Reads what the program beside a server says of it, in the words of HAProxy's agent-check. Pure.

export interface AgentAnswer {
  /** Percent of the configured weight; null: unchanged. */
  readonly weightPercent: number | null;
  /** Concurrent connections; null: unchanged. */
  readonly connectionsMax: number | null;
  /** Null: unchanged. */
  readonly admin: "ready" | "drain" | "maintenance" | null;
  /** Null: unchanged. */
  readonly up: boolean | null;
  /** What follows `#`; empty for none. */
  readonly reason: string;
}

const ADMIN_WORDS: Readonly<Record<string, AgentAnswer["admin"]>> = {
  ready: "ready",
  drain: "drain",
  maint: "maintenance",
};
const UP_WORDS: Readonly<Record<string, boolean>> = {
  up: true,
  down: false,
  fail: false,
  failed: false,
  stopped: false,
};

const PERCENT_MAX = 25_600;
const REASON_LENGTH_MAX = 256;

/**
 * @param line without its end: `up 75% maxconn:30`, `down #disk full`
 * @returns null when a word is none of the known ones; nothing of such an answer counts
 */
export function parseAgentAnswer(line: string): AgentAnswer | null {
  const [words = "", ...comments] = line.split("#");
  let answer: AgentAnswer = {
    weightPercent: null,
    connectionsMax: null,
    admin: null,
    up: null,
    reason: comments.join("#").trim().slice(0, REASON_LENGTH_MAX),
  };
  const said = words
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  for (const word of said) {
    const part = parseWord(word);
    if (part === null) return null;
    answer = { ...answer, ...part };
  }
  return said.length === 0 ? null : answer;
}

function parseWord(word: string): Partial<AgentAnswer> | null {
  if (Object.hasOwn(ADMIN_WORDS, word)) return { admin: ADMIN_WORDS[word]! };
  if (Object.hasOwn(UP_WORDS, word)) return { up: UP_WORDS[word]! };
  const percent = /^(\d{1,5})%$/.exec(word)?.[1];
  if (percent !== undefined) return { weightPercent: Math.min(Number(percent), PERCENT_MAX) };
  const max = /^maxconn:(\d{1,7})$/.exec(word)?.[1];
  return max === undefined ? null : { connectionsMax: Number(max) };
}
