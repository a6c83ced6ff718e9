import fc from "fast-check";
import { expect, test } from "vitest";
import { documentOf } from "../../../tests/fixtures/haproxy-document.ts";
import { TEXT_SIZE_MAX } from "../load-yaml.ts";
import { loadHaproxy } from "./load-haproxy.ts";

const READING = {
  environment: {},
  version: null,
  files: { isDirectory: () => false, read: () => null },
  workingDirectory: "/",
  hostName: "balancer",
  opensslVersion: "3.0.13",
};

test.each(["", "# nothing\n", "\n\n"])("%j is an empty file", (text) => {
  expect(documentOf(text)).toEqual({
    plain: null,
    said: ["1:1: the file is empty, expected at least a listen section"],
  });
});

test("refuses a text that is too long", () => {
  expect(documentOf("#".repeat(TEXT_SIZE_MAX + 1)).plain).toBeNull();
});

test("places name the file that each line is in", () => {
  const sources = [
    { file: "a.cfg", text: "defaults\n  timeout client x\n" },
    { file: "b.cfg", text: "\nlisten a\n  frobnicate\n" },
  ];
  const { diagnostics } = loadHaproxy(sources, READING);
  const places = diagnostics.filter(({ severity }) => severity === "error");
  expect(places.map(({ file, line, column }) => [file, line, column])).toEqual([
    ["a.cfg", 2, 18],
    ["b.cfg", 3, 3],
    ["b.cfg", 2, 1],
  ]);
});

test("answers any text with a document or mistakes, and never throws", () => {
  const line = fc.constantFrom(
    ...["global", "defaults", "frontend f", "backend b", "listen l", "listen", "resolvers r"],
    ...[
      "bind *:1 ssl crt x",
      "bind",
      "server s 10.0.0.1:1 check ssl",
      "server s",
      "balance hash src",
    ],
    ...[
      "balance",
      "stick on src",
      "stick-table type ip size 1k",
      "option httpchk",
      "tcp-check send x",
    ],
    ...[
      "http-check expect status 200",
      "timeout client 1",
      "timeout x",
      "acl a src 1.2.3.4",
      "no log",
    ],
    ...["use_backend b if a", "tcp-request content reject if a", "default_backend b", "mode http"],
    ...[
      "stats enable",
      "server-template t 3 h:1 resolvers r",
      "default-server inter 1 port x",
      ".if 1",
    ],
    ...[
      ".else",
      ".endif",
      "nameserver n 1.2.3.4:5",
      "source 0.0.0.0 usesrc clientip",
      '"',
      "log x local0",
    ],
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 25 }), (lines) => {
      const { plain, said } = documentOf(lines.join("\n"));
      expect(plain !== null || said.length > 0).toBe(true);
    }),
    { numRuns: 1_500 },
  );
});
