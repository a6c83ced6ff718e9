import { expect, test } from "vitest";
import { AT } from "../../../tests/fixtures/haproxy-document.ts";
import { filesOf } from "../../../tests/fixtures/nginx-document.ts";
import { DraftMap } from "../import/draft.ts";
import { Report } from "../import/report.ts";
import type { Emission } from "./emission.ts";
import { LookedUpVariables } from "./looked-up.ts";
import { isPlainFile, writePath } from "./paths.ts";
import { PoolDrafts } from "./pool-drafts.ts";
import { readModel } from "./read-scopes.ts";

function emissionOf(): Emission {
  const report = new Report();
  return {
    ...{ model: readModel([], "x.conf", report), document: new DraftMap({ at: AT }), report },
    files: filesOf({ "/etc/nginx/a.pem": "", "/srv/certs/b.pem": "" }),
    ...{ lookedUp: new LookedUpVariables(), pools: new PoolDrafts(AT) },
    ...{ folder: "/etc/nginx", workingDirectory: "/srv" },
  };
}

const wordOf = (text: string) => ({ text, source: text, at: AT });

test.each([
  ["a.pem", "a.pem"],
  ["/x/a.pem", "/x/a.pem"],
  ["certs/b.pem", "/srv/certs/b.pem"],
  ["none.pem", "none.pem"],
])("%s", (text, path) => expect(writePath(emissionOf(), wordOf(text))).toBe(path));

test.each(["data:abc", "engine:x:y", "$ssl_server_name.pem"])("%s is no file", (text) => {
  const emission = emissionOf();
  expect(isPlainFile(emission, wordOf(text), "ssl_certificate")).toBe(false);
  expect(emission.report.diagnostics).toHaveLength(1);
});
