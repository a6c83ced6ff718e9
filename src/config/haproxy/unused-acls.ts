// Acls that no rule uses and that ask for what no client of MQTT says, such as a path of HTTP:
// files that serve both carry them along, in defaults sections above all. They are left out of the
// document and told as notices; one that a rule uses is an error, for the validator to say.

import { reasonElsewhere } from "../../rules/catalogue.ts";
import type { Report } from "../import/report.ts";
import { type Given, listOf, type ProxySection } from "./model.ts";

/** Keywords whose conditions are rules here, too. */
const CONDITIONED = [
  "tcp-request connection",
  "tcp-request session",
  "tcp-request content",
  "use_backend",
  "use-server",
  "stick",
];

/** @returns the `acl` lines of a section that its rules may need */
export function keptAcls(proxy: ProxySection): readonly Given[] {
  const used = usedNames(proxy);
  return listOf(proxy, "acl").filter((acl) => used.has(nameOf(acl)) || reasonOf(acl) === null);
}

/** Reports every line once that is left out wherever it stands or is inherited. */
export function reportUnusedAcls(proxies: readonly ProxySection[], report: Report): void {
  const kept = new Set(proxies.flatMap(keptAcls));
  const all = new Set(proxies.flatMap((proxy) => listOf(proxy, "acl")));
  for (const acl of all) {
    if (kept.has(acl)) continue;
    const message = `acl "${nameOf(acl)}" is left out, as no rule uses it: ${reasonOf(acl)}`;
    report.notice(acl.args[1]!, message);
  }
}

function nameOf({ args }: Given): string {
  return args[0]!.text;
}

/** @returns why its fetch has no counterpart here; null: it has one, or nobody knows the name */
function reasonOf({ args }: Given): string | null {
  return reasonElsewhere(args[1]!.text.split(/[(,]/, 1)[0]!);
}

function usedNames(proxy: ProxySection): ReadonlySet<string> {
  const conditions = CONDITIONED.flatMap((keyword) => listOf(proxy, keyword)).map(conditionOf);
  return new Set(conditions.flat().map((word) => word.replace(/^!+/, "")));
}

/** The words from `if` or `unless` on; none of a `capture`, which is no rule here. */
function conditionOf({ args }: Given): readonly string[] {
  const words = args.map(({ text }) => text);
  if (words[0] === "capture") return [];
  const start = words.findIndex((word) => word === "if" || word === "unless");
  return start === -1 ? [] : words.slice(start);
}
