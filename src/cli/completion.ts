// Completion of the command line for bash, zsh and fish, made of the commands themselves. Pure.
//
// One list of words for each command: what may follow it; and one for each option that takes one of
// a few words. The shell finds the longest command that has been typed and offers its words, or
// those of the option right before the cursor.

import type { Command } from "commander";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

interface CommandWords {
  /** `fairlead ctl server` */
  readonly path: string;
  readonly words: readonly string[];
}

export function writeCompletion(program: Command, shell: Shell): string {
  const commands = listCommands(program, program.name());
  const choices = listChoices(program, program.name());
  if (shell === "fish") return writeFish(commands, choices);
  return shell === "bash" ? writeBash(commands, choices) : writeZsh(commands, choices);
}

/** Every command with its subcommands and long options. */
function listCommands(command: Command, path: string): CommandWords[] {
  const own = command.options.flatMap(({ long }) => (long ? [long] : []));
  const words = [...command.commands.map((each) => each.name()), ...own, "--help"];
  const below = command.commands.flatMap((each) => listCommands(each, `${path} ${each.name()}`));
  return [{ path, words: [...new Set(words)] }, ...below];
}

/** An option of a command, and the words that it takes. */
interface OptionWords extends CommandWords {
  /** `--reason` */
  readonly option: string;
}

function listChoices(command: Command, path: string): OptionWords[] {
  const own = command.options.flatMap(({ long, argChoices }) =>
    long && argChoices ? [{ path, option: long, words: argChoices }] : [],
  );
  return [
    ...own,
    ...command.commands.flatMap((each) => listChoices(each, `${path} ${each.name()}`)),
  ];
}

function writeBash(commands: readonly CommandWords[], choices: readonly OptionWords[]): string {
  return `# bash completion for fairlead: source <(fairlead ctl completion bash)
_fairlead() {
  local path="fairlead" word candidate i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "$word" in -*) continue ;; esac
    candidate="$path $word"
    case "$candidate" in
${cases(commands, "      ", ({ path }) => `"${path}") path="$candidate" ;;`)}
    esac
  done
  case "$path" in
${cases(commands, "    ", ({ path, words }) => `"${path}") word="${words.join(" ")}" ;;`)}
  esac
  case "$path \${COMP_WORDS[COMP_CWORD - 1]}" in
${cases(choices, "    ", ({ path, option, words }) => {
  return `"${path} ${option}") word="${words.join(" ")}" ;;`;
})}
  esac
  COMPREPLY=($(compgen -W "$word" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _fairlead fairlead
`;
}

function writeZsh(commands: readonly CommandWords[], choices: readonly OptionWords[]): string {
  return `#compdef fairlead
# zsh completion for fairlead: source <(fairlead ctl completion zsh)
_fairlead() {
  local command_path="fairlead" word candidate
  local -a known
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ "$word" == -* ]] && continue
    candidate="$command_path $word"
    case "$candidate" in
${cases(commands, "      ", ({ path }) => `"${path}") command_path="$candidate" ;;`)}
    esac
  done
  case "$command_path" in
${cases(commands, "    ", ({ path, words }) => `"${path}") known=(${words.join(" ")}) ;;`)}
  esac
  case "$command_path \${words[CURRENT-1]}" in
${cases(choices, "    ", ({ path, option, words }) => {
  return `"${path} ${option}") known=(${words.join(" ")}) ;;`;
})}
  esac
  compadd -- $known
  _files
}
compdef _fairlead fairlead
`;
}

function writeFish(commands: readonly CommandWords[], choices: readonly OptionWords[]): string {
  const at = (path: string) => `complete -c fairlead -n '__fairlead_at "${path}"'`;
  const lines = [
    ...commands.map(({ path, words }) => `${at(path)} -a '${words.join(" ")}'`),
    ...choices.map(({ path, option, words }) => {
      return `${at(path)} -l ${option.slice(2)} -x -a '${words.join(" ")}'`;
    }),
  ];
  const known = commands.map(({ path }) => `"${path}"`).join(" ");
  return `# fish completion for fairlead: fairlead ctl completion fish | source
function __fairlead_at
  set -l known ${known}
  set -l at fairlead
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    contains -- "$at $word" $known; and set at "$at $word"
  end
  test "$at" = "$argv[1]"
end
${lines.join("\n")}
`;
}

function cases<Row extends CommandWords>(
  rows: readonly Row[],
  indent: string,
  write: (row: Row) => string,
): string {
  return rows.map((row) => indent + write(row)).join("\n");
}
