import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import {
  honouredParameters,
  noticedParameters,
  readParameters,
  refusedParameters,
  splitParameter,
} from "./parameter.ts";

const TABLE = {
  ...honouredParameters("backup weight="),
  ...noticedParameters("old", "is old"),
  ...refusedParameters("new=", "is new"),
};

function read(text: string) {
  const report = new Report();
  const found = readParameters(wordsOf(text), TABLE, { of: "server", report });
  const said = report.diagnostics.map(({ column, message, expected }) => {
    return `${column} ${message}, ${expected}`;
  });
  return { names: [...found.keys()], found, said };
}

test("words and values", () => {
  const { found, names, said } = read("weight=3 backup old");
  expect(names).toEqual(["weight", "backup"]);
  expect(found.get("weight")!.value).toMatchObject({ text: "3", at: { column: 8 } });
  expect(said).toEqual(['17 "old" is old, null']);
});

test.each([
  ["weigth=3", '1 "weigth=3" is no parameter of server, "weight="'],
  ["weight", '1 "weight" is no parameter of server, "weight="'],
  ["backup=1", '1 "backup=1" is no parameter of server, "backup"'],
  ["new=1", '1 "new" cannot be honoured: it is new, null'],
  ["backup backup", '8 "backup" is there already, it once'],
])("%s", (text, said) => expect(read(text).said).toEqual([said]));

test("a value may hold another =", () => {
  const [word] = wordsOf("a=b=c");
  expect(splitParameter(word!)).toMatchObject({ text: "b=c", at: { column: 3 } });
  expect(splitParameter(wordsOf("a")[0]!)).toBeNull();
});
