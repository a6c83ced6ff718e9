// The pools that servers pass to, each emitted once: an upstream that two servers pass to in
// different ways (with a PROXY header and without one) becomes two pools.

import { DraftMap } from "../haproxy/draft.ts";
import { signatureOf } from "../haproxy/hoist.ts";
import type { Place } from "../haproxy/word.ts";
import type { Emission } from "./emission.ts";
import { emitPool, type Passed } from "./emit-pool.ts";

export class PoolDrafts {
  readonly drafts: DraftMap;
  private readonly variants = new Map<string, { name: string; signature: string }[]>();

  constructor(at: Place) {
    this.drafts = new DraftMap({ at });
  }

  /** @returns the name of the pool */
  add(emission: Emission, passed: Passed, draft: DraftMap = emitPool(emission, passed)): string {
    const { upstream, word, address } = passed;
    const wanted = upstream?.name.text ?? nameOf(address);
    const variants = this.variants.get(wanted) ?? [];
    this.variants.set(wanted, variants);
    const signature = signatureOf(draft);
    const known = variants.find((variant) => variant.signature === signature);
    if (known !== undefined) return known.name;
    const name = this.freeName(wanted);
    if (variants.length > 0) {
      const message = `"${wanted}" is passed to in two ways; "${name}" counts its own connections`;
      emission.report.notice(word, message);
    }
    variants.push({ name, signature });
    this.drafts.set(name, draft, upstream?.name.at ?? word.at);
    return name;
  }

  private freeName(wanted: string): string {
    for (let number = 1; ; number++) {
      const name = number === 1 ? wanted : `${wanted}-${number}`;
      if (!this.drafts.has(name)) return name;
    }
  }
}

/** An address as a name: `[::1]:1883` has brackets, which names have not. */
function nameOf(address: string): string {
  return address.replace(/^\[(.*)\]/, "ipv6-$1");
}
