// The pools that servers pass to, each once: an upstream that two servers pass to in different ways
// (with a PROXY header and without one) becomes two pools.

import { type Draft, DraftMap } from "../import/draft.ts";
import { signatureOf } from "../import/hoist.ts";
import type { Place } from "../import/word.ts";

export interface AddedPool {
  readonly name: string;
  /** It is new, and there is one of the wanted name already. */
  readonly isVariant: boolean;
}

export class PoolDrafts {
  readonly drafts: DraftMap;
  private readonly variants = new Map<string, { name: string; signature: string }[]>();

  constructor(at: Place) {
    this.drafts = new DraftMap({ at });
  }

  add(wanted: string, draft: Draft, keyAt: Place): AddedPool {
    const variants = this.variants.get(wanted) ?? [];
    this.variants.set(wanted, variants);
    const signature = signatureOf(draft);
    const known = variants.find((variant) => variant.signature === signature);
    if (known !== undefined) return { name: known.name, isVariant: false };
    const name = this.freeName(wanted);
    const isVariant = variants.length > 0;
    variants.push({ name, signature });
    this.drafts.set(name, draft, keyAt);
    return { name, isVariant };
  }

  private freeName(wanted: string): string {
    for (let number = 1; ; number++) {
      const name = number === 1 ? wanted : `${wanted}-${number}`;
      if (!this.drafts.has(name)) return name;
    }
  }
}
