// Variables of `map`, `geo` and `split_clients` that a server makes use of, as they turn up.

import type { Given, Scope } from "./model.ts";

export type LookupKind = "map" | "geo" | "split_clients";

export interface LookedUp {
  /** Without `$`. */
  readonly name: string;
  readonly kind: LookupKind;
  readonly given: Given;
}

/** Which server needs which variables. */
export class LookedUpVariables {
  private readonly byServer = new Map<Scope, Map<string, LookedUp>>();

  ask(server: Scope, variable: LookedUp): void {
    const asked = this.byServer.get(server) ?? new Map<string, LookedUp>();
    asked.set(variable.name, variable);
    this.byServer.set(server, asked);
  }

  /** Those asked for so far; one that is looked up by another comes behind it. */
  askedBy(server: Scope): readonly LookedUp[] {
    return [...(this.byServer.get(server)?.values() ?? [])];
  }
}
