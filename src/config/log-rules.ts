// Rules about the log: templates are readable and stand where they are used, listeners exist.

import { compileLine } from "../logging/line-maker.ts";
import { nearest } from "./explain.ts";
import type { AccessDocument } from "./log-schema.ts";
import type { Path } from "./raw-document.ts";
import { lineOf } from "./resolve-log.ts";
import type { Rule, RuleContext } from "./rule.ts";

export const logTemplatesAreReadable: Rule = ({ document, report }) => {
  for (const [index, outlet] of (document.log.outlets ?? []).entries()) {
    const { format, template } = outlet;
    const path = ["log", "outlets", index];
    if (format !== "haproxy" && format !== "nginx") continue;
    if (template === undefined) {
      const message = `log.outlets[${index}] has the format ${format} and no template`;
      report({ path: [...path, "format"], message, expected: "the key template beside it" });
      continue;
    }
    const { problem } = compileLine(lineOf(format, outlet));
    if (problem === null) continue;
    const { message, name, known } = problem;
    const near = nearest(name, known);
    const expected = near === null ? "one of those that docs/logging.md has" : `"${near}"`;
    report({ path: [...path, "template"], message, expected, index: problem.index });
  }
};

export const logKeysHaveEffect: Rule = ({ document, report }) => {
  const { outlets = [] } = document.log;
  if (outlets.length > 0 && outlets.every(({ events }) => !events)) {
    const message = "no outlet of log says what happens to Fairlead itself";
    const expected = "one without events: false";
    report({ path: ["log", "outlets"], message, expected, severity: "warning" });
  }
  for (const [index, { format, template, to }] of (document.log.outlets ?? []).entries()) {
    const path = ["log", "outlets", index];
    if (format === "pretty" && to.kind !== "stdout") {
      const message = `log.outlets[${index}] is pretty, which is for standard output alone`;
      report({ path: [...path, "format"], message, expected: "json, tcplog, haproxy or nginx" });
    }
    if (template === undefined || format === "haproxy" || format === "nginx") continue;
    const message = `log.outlets[${index}] has a template and no format that takes one`;
    report({ path: [...path, "template"], message, expected: "format: haproxy or nginx" });
  }
};

export const logListenersExist: Rule = (context) => {
  const { log } = context.document;
  reportUnknown(log.access, ["log", "access"], context);
  for (const [index, { access }] of (log.outlets ?? []).entries()) {
    if (access !== undefined) reportUnknown(access, ["log", "outlets", index, "access"], context);
  }
};

function reportUnknown(
  access: AccessDocument,
  path: Path,
  { document, report }: RuleContext,
): void {
  if (typeof access === "boolean") return;
  const names = Object.keys(document.listeners);
  for (const [index, name] of access.listeners.entries()) {
    if (names.includes(name)) continue;
    const near = nearest(name, names);
    const message = `the log names "${name}", which is no listener`;
    const expected = near === null ? `one of ${names.join(", ")}` : `"${near}"`;
    report({ path: [...path, "listeners", index], message, expected });
  }
}
