import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { splitWords } from "../../rules/words.ts";
import type { Emission } from "./emission.ts";
import { textDraft, writeWords } from "./rule-text.ts";

const [word] = wordsOf("x");

test.each(["a", "a b", "it's", 'say "no"', "back\\slash", `it's "both"`, "{", ""])(
  "writeWords: %j is read as the same word again",
  (text) => {
    const written = writeWords([{ ...word!, text }, word!]).text;
    expect(splitWords(written).words?.map((each) => each.text)).toEqual([text, "x"]);
  },
);

test("writeWords knows where each word stands", () => {
  const words = [...wordsOf("reject if"), { ...word!, text: "a b", source: "'a b'" }];
  const { text, pieces } = writeWords(words);
  expect(text).toBe("reject if 'a b'");
  expect(pieces.map(({ from, isFixed, at }) => [from, isFixed, at.column])).toEqual([
    [0, false, 1],
    [7, false, 8],
    [11, true, 1],
  ]);
});

test("files start at the folder of the configuration, tables of peers have a dot", () => {
  const bases = { workingDirectory: "/srv", file: "conf/x.cfg", authorities: "", certificates: "" };
  const peers = { kind: "peers", name: { ...word!, text: "mesh" } };
  const emission = { bases, model: { others: [peers] } } as unknown as Emission;
  const text =
    "reject if { src -f deny.lst } { src,map_ip(conf/m.map) -m found } track-sc0 src table mesh/t";
  expect(textDraft(wordsOf(text), emission).value).toBe(
    "reject if { src -f ../deny.lst } { src,map_ip(m.map) -m found } track-sc0 src table mesh.t",
  );
});
