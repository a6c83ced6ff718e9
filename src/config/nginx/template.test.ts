import { expect, test } from "vitest";
import { AT } from "../../../tests/fixtures/haproxy-document.ts";
import { readTemplate } from "./template.ts";

function partsOf(text: string, source = text) {
  return readTemplate({ text, source, at: AT }).map((part) =>
    part.kind === "text" ? part.text : `<${part.name} ${part.at.column}>`,
  );
}

test.each([
  ["a", ["a"]],
  ["$a", ["<a 1>"]],
  [`\${a}b$c_1-`, ["<a 1>", "b", "<c_1 6>", "-"]],
  ["", []],
  ["5$", ["5$"]],
])("%s", (text, parts) => expect(partsOf(text)).toEqual(parts));

test("behind a quote places count the quote", () => {
  expect(partsOf("a$b", '"a$b"')).toEqual(["a", "<b 3>"]);
});
