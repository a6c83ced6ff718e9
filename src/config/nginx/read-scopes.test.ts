import { expect, test } from "vitest";
import { formatDiagnostic } from "../diagnostic.ts";
import { Report } from "../import/report.ts";
import { parse } from "./parse.ts";
import { isDirectiveName, readModel } from "./read-scopes.ts";

function read(text: string) {
  const report = new Report();
  const options = { report, include: () => [], isDirective: () => false };
  const { directives } = parse({ file: "x.conf", text }, options);
  const model = readModel(directives, "x.conf", report);
  return { model, said: report.diagnostics.map(formatDiagnostic) };
}

test("blocks know what is around them", () => {
  const { model, said } = read(`events { worker_connections 5; }
stream { server { listen 1; } proxy_timeout 1m; upstream u { server a:1; } } http { gzip on; }`);
  expect(said).toEqual([]);
  expect(model.events?.settings.get("worker_connections")?.amount).toBe(5);
  expect(model.servers[0]?.parent).toBe(model.stream);
  expect(model.upstreams.map(({ name }) => name.text)).toEqual(["u"]);
  expect(model.http.map(({ name }) => name.text)).toEqual(["gzip"]);
});

test.each([
  ["strem {}", '"stream"'],
  ["listen 1;", "a server block"],
  ["stream { daemon on; }", "outside of all blocks"],
  ["events;", '"{"'],
  ["worker_processes 1 {}", '";"'],
  ["stream { proxy_timeout 1; proxy_timeout 2; }", "it once in a block"],
  ["stream { js_import a; }", "runs a script"],
])("%s is one mistake", (text, told) => {
  const { said } = read(text);
  expect(said).toEqual([expect.stringContaining(told)]);
});

test("what asks for what happens anyway is no mistake", () => {
  expect(read("stream { proxy_upload_rate 0; ssl_stapling off; }").said).toEqual([]);
  expect(read("daemon off;").said).toEqual([expect.stringContaining("notice")]);
});

test("names of directives", () => {
  expect([isDirectiveName("hash"), isDirectiveName("hush")]).toEqual([true, false]);
});
