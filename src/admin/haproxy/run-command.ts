// Runs one line of HAProxy's socket: commands with `;` between them, words with spaces between
// them, `\` before a character that shall be none of these.

import { CHANGE_COMMANDS } from "./change-commands.ts";
import { type Command, type CommandParts, LEVELS, type Level, Refused } from "./command.ts";
import { SHOW_COMMANDS } from "./show-commands.ts";

export const COMMANDS: readonly Command[] = [...SHOW_COMMANDS, ...CHANGE_COMMANDS];

export interface CommandContext extends CommandParts {
  readonly level: Level;
  /** Where the command came from. */
  readonly from: string;
}

/** @returns the commands of a line, as words */
export function splitCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  let word: string | null = null;
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (character === "\\" && i + 1 < line.length) word = (word ?? "") + line[++i];
    else if (character !== ";" && !/\s/.test(character)) word = (word ?? "") + character;
    else {
      if (word !== null) commands.at(-1)!.push(word);
      word = null;
      if (character === ";") commands.push([]);
    }
  }
  if (word !== null) commands.at(-1)!.push(word);
  return commands.filter((words) => words.length > 0);
}

/** @returns what HAProxy would answer, without the last empty line */
export async function runCommand(
  words: readonly string[],
  { level, from, ...parts }: CommandContext,
): Promise<string> {
  const command = findCommand(words);
  if (command === null || !mayRun(command, level)) {
    const isKnown = command !== null;
    return isKnown
      ? "Permission denied\n"
      : `Unknown command: '${words.join(" ")}'\n${help(level)}`;
  }
  const args = words.slice(command.words.split(" ").length);
  try {
    return await command.run({ ...parts, args, actor: { by: "haproxy-socket", from } });
  } catch (error) {
    if (error instanceof Refused) return `${error.message}\n`;
    return `${error instanceof Error ? error.message : String(error)}\n`;
  }
}

/** What whoever has this level may say. */
export function help(level: Level): string {
  const rows = COMMANDS.filter((command) => mayRun(command, level)).map(
    ({ words, usage, help: text }) => `  ${`${words} ${usage}`.trim().padEnd(58)} : ${text}`,
  );
  const own = ["help", "prompt", "quit"].map((word) => `  ${word}`);
  return `The following commands are valid at this level:\n${[...rows, ...own].join("\n")}\n`;
}

// Words may be cut short, as with HAProxy: `sh st`. The longest command that fits counts.
function findCommand(words: readonly string[]): Command | null {
  const fits = (command: Command, isWhole: boolean) =>
    command.words.split(" ").every((word, i) => {
      return isWhole ? word === words[i] : word.startsWith(words[i] ?? "\0");
    });
  const wholes = COMMANDS.filter((command) => fits(command, true));
  const found = wholes.length > 0 ? wholes : COMMANDS.filter((command) => fits(command, false));
  const longest = Math.max(...found.map((command) => command.words.split(" ").length));
  return found.find((command) => command.words.split(" ").length === longest) ?? null;
}

function mayRun({ level: needed }: Command, level: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(needed);
}
