import { expect, test } from "vitest";
import { AT } from "../../../tests/fixtures/haproxy-document.ts";
import { nodeAt, toPlain } from "../raw-document.ts";
import { DraftMap, finish, list, placeholder, scalar } from "./draft.ts";

test("a draft becomes a raw document with paths and places", () => {
  const draft = new DraftMap({ at: AT });
  const word = { at: { ...AT, line: 3, column: 9 }, source: '"5s"' };
  draft.child("dial", word).put("timeout", "5s", word, { ...AT, line: 3 });
  draft.child("dial", word).put("retries", 3, word);
  draft.set("servers", list([scalar("a:1", word), placeholder("0.0.0.0:1", word)], word));
  const root = finish(draft);
  expect(toPlain(root)).toEqual({
    dial: { timeout: "5s", retries: 3 },
    servers: ["a:1", "0.0.0.0:1"],
  });
  expect(nodeAt(root, ["dial", "timeout"])).toEqual({
    kind: "scalar",
    value: "5s",
    source: '"5s"',
    at: word.at,
    keyAt: { ...AT, line: 3 },
    path: ["dial", "timeout"],
  });
  expect(nodeAt(root, ["servers", 1])?.placeholder).toBe(true);
  expect([draft.has("dial"), draft.isEmpty]).toEqual([true, false]);
});
