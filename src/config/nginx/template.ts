// Texts with variables in them: `$remote_addr`, `${tenant}-$mqtt_preread_clientid`. Pure.

import type { Place, Word } from "../import/word.ts";

export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string; readonly at: Place };

const VARIABLE = /\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g;

/** @returns the parts in order; none for an empty text */
export function readTemplate(word: Word): readonly Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of word.text.matchAll(VARIABLE)) {
    if (match.index > from) parts.push({ kind: "text", text: word.text.slice(from, match.index) });
    const name = (match[1] ?? match[2])!;
    parts.push({ kind: "variable", name, at: placeIn(word, match.index) });
    from = match.index + match[0].length;
  }
  if (from < word.text.length) parts.push({ kind: "text", text: word.text.slice(from) });
  return parts;
}

/** Where a character of a word stands; in a word with escapes, where the word does. */
function placeIn({ text, source, at }: Word, index: number): Place {
  const start = source.indexOf(text);
  return start === -1 ? at : { ...at, column: at.column + start + index };
}
