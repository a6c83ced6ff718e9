// From what the operator chose to what makes a connection's line. A template has been checked with
// the configuration.

import { assert } from "../assert.ts";
import type { EndedConnection } from "./ended-connection.ts";
import { compileHaproxyTemplate, TCPLOG } from "./haproxy-template.ts";
import { jsonLine } from "./json-line.ts";
import { compileNginxTemplate } from "./nginx-template.ts";
import type { LineSettings } from "./outlet-settings.ts";
import type { CompiledTemplate, LineMaker } from "./template.ts";

/** @returns the problem of a template, or null */
export function compileLine(line: LineSettings): CompiledTemplate {
  switch (line.kind) {
    case "json":
    case "pretty":
      return { problem: null, make: makeJson };
    case "tcplog":
      return compileHaproxyTemplate(TCPLOG);
    case "haproxy":
      return compileHaproxyTemplate(line.template);
    case "nginx":
      return compileNginxTemplate(line.template, line.escape);
  }
}

export function makeLineMaker(line: LineSettings): LineMaker {
  const compiled = compileLine(line);
  assert(compiled.problem === null, "a template was checked with the configuration");
  return compiled.make;
}

function makeJson(ended: EndedConnection): string {
  return jsonLine(ended, "info", Date.now());
}
