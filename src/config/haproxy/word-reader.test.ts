import { expect, test } from "vitest";
import { wordsOf } from "../../../tests/fixtures/haproxy-document.ts";
import { Report } from "../import/report.ts";
import { WordReader } from "./word-reader.ts";

function open(text: string) {
  const [keyword, ...words] = wordsOf(text);
  const report = new Report();
  const said = () => report.diagnostics.map(({ column }) => column);
  return { reader: new WordReader(words, keyword!, report), said };
}

test("WordReader gives words one after the other", () => {
  const { reader, said } = open("expect port 1883");
  expect(reader.peek()?.text).toBe("port");
  const port = reader.next()!;
  expect(reader.valueOf(port)?.text).toBe("1883");
  expect([reader.isAtEnd, reader.next(), reader.finish()]).toEqual([true, null, true]);
  expect(said()).toEqual([]);
});

test("WordReader reports what is missing, what is too much and what cannot stand there", () => {
  const { reader, said } = open("expect ! port x y");
  reader.takeNegation();
  reader.next();
  expect(reader.refuse(reader.next()!, "a port")).toBe(false);
  expect(reader.finish()).toBe(false);
  expect(reader.rest()).toHaveLength(1);
  expect(reader.valueOf(reader.keyword)).toBeNull();
  expect(said()).toEqual([15, 17, 1]);
});

test("a ! may stand at the word that it negates", () => {
  const { reader } = open("expect !string");
  reader.takeNegation();
  expect(reader.next()).toMatchObject({ text: "string", at: { column: 9 } });
});
