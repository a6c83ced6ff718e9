// Words of haproxy.cfg as one text in the language of rules/, with the place of each word, so that
// what the validator finds wrong in the text is said at the word.
//
// Two things are called otherwise there: files start at the folder of the configuration file, and
// tables of a peers section have no slash in their names.

import { type DraftScalar, scalar } from "../import/draft.ts";
import type { Word } from "../import/word.ts";
import type { TextPiece } from "../raw-document.ts";
import type { Emission } from "./emission.ts";
import { writePath } from "./emit-paths.ts";

export interface RuleText {
  readonly text: string;
  readonly pieces: readonly TextPiece[];
}

/** @returns text of which the parsers of rules/ make the same words */
export function writeWords(words: readonly Word[]): RuleText {
  const pieces: TextPiece[] = [];
  let text = "";
  for (const word of words) {
    if (text !== "") text += " ";
    const written = quote(word.text);
    const isQuoted = written !== word.text;
    // A word that was quoted, or had references in it, is not there character by character.
    const isFixed = isQuoted || word.text !== word.source;
    pieces.push({ from: text.length + (isQuoted ? 1 : 0), at: word.at, isFixed });
    text += written;
  }
  return { text, pieces };
}

function quote(text: string): string {
  if (text !== "" && /^[^\s'"\\]+$/.test(text)) return text;
  if (!text.includes("'")) return `'${text}'`;
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

export function textDraft(words: readonly Word[], emission: Emission): DraftScalar {
  const relocated = words.map((word, index) => relocate(word, words[index - 1]?.text, emission));
  const { text, pieces } = writeWords(relocated);
  return { ...scalar(text, { at: words[0]!.at }), pieces };
}

/** Converters that look a value up in the file that they name. */
const MAP_FILE = /(\bmap(?:_[a-z]+)*\()([^,)]+)/g;

function relocate(word: Word, before: string | undefined, { bases, model }: Emission): Word {
  const path = (file: string) => writePath(file, "plain", bases);
  if (before === "-f") return { ...word, text: path(word.text) };
  let text = word.text.replace(MAP_FILE, (_, call: string, file: string) => call + path(file));
  for (const { kind, name } of model.others) {
    if (kind === "peers" && name !== null) text = text.replaceAll(`${name.text}/`, `${name.text}.`);
  }
  return text === word.text ? word : { ...word, text };
}
