// Where nginx shows its own state: a server of an http block with `stub_status`, or the `api` of
// NGINX Plus. Fairlead has its pages, its metrics and its API there.

import type { Directive } from "./directive.ts";
import type { Emission } from "./emission.ts";
import type { Scope } from "./model.ts";
import { listOf } from "./model.ts";
import { readListen } from "./read-listen.ts";

const PAGES = ["stub_status", "api", "status", "vhost_traffic_status_display"];

/** @returns whether the server is one, which then is no listener */
export function emitAdmin(emission: Emission, { block }: Directive, server: Scope): boolean {
  const page = findPage(block ?? []);
  if (page === null) return false;
  const { report, document } = emission;
  const [given] = listOf(server, "listen");
  const listen = given === undefined ? null : readListen(given, report, true);
  if (listen === null || document.has("admin")) {
    const message = `"${page.name.text}" cannot be honoured: pages have one address`;
    report.error(page.name, message, "one server with it, and one listen");
    return true;
  }
  if (listen.parameters.has("ssl")) {
    const { word } = listen.parameters.get("ssl")!;
    report.error(word, "pages cannot be served over TLS from here", "plain HTTP");
  }
  const admin = document.child("admin", { at: given!.name.at });
  admin.put("listen", listen.addresses[0]!, given!.args[0]!, given!.name.at);
  report.notice(page.name, `"${page.name.text}" gives way to Fairlead's own pages, at /stats`);
  return true;
}

function findPage(directives: readonly Directive[]): Directive | null {
  for (const directive of directives) {
    if (PAGES.includes(directive.name.text)) return directive;
    const inside = directive.name.text === "location" ? findPage(directive.block ?? []) : null;
    if (inside !== null) return inside;
  }
  return null;
}
