import { expect, test } from "vitest";
import { AT } from "../../../tests/fixtures/haproxy-document.ts";
import { toPlain } from "../raw-document.ts";
import { DraftMap, finish } from "./draft.ts";
import { hoist, signatureOf } from "./hoist.ts";

function server(values: Readonly<Record<string, string>>): DraftMap {
  const draft = new DraftMap({ at: AT });
  for (const [key, value] of Object.entries(values)) draft.put(key, value, { at: AT });
  return draft;
}

test("hoist moves up what every server says in the same way, and nothing else", () => {
  const pool = new DraftMap({ at: AT });
  const servers = [
    server({ slowStart: "20s", source: "client", onMarkedUp: "keep" }),
    server({ slowStart: "20s", source: "10.0.0.1" }),
  ];
  hoist(pool, servers, ["slowStart", "source", "onMarkedUp", "tls"]);
  expect(toPlain(finish(pool))).toEqual({ slowStart: "20s" });
  expect(servers.map((draft) => toPlain(finish(draft)))).toEqual([
    { source: "client", onMarkedUp: "keep" },
    { source: "10.0.0.1" },
  ]);
  hoist(pool, [], ["tls"]);
});

test("signatureOf is that of what is said, wherever it stands", () => {
  expect(signatureOf(server({ a: "1" }))).toBe(signatureOf(server({ a: "1" })));
  expect(signatureOf(server({ a: "1" }))).not.toBe(signatureOf(server({ a: "2" })));
});
