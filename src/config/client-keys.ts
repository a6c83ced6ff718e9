// What pools know their clients by, when, and where the document says so. Pure.

import type { Path } from "./raw-document.ts";
import type { PoolDocument } from "./schema.ts";

export interface ClientKey {
  /** A name, or an expression. */
  readonly key: string;
  /** In the pool. */
  readonly path: Path;
  /** To be read after the pool's name. */
  readonly what: string;
}

/** What a pool hashes and sticks by. */
export function clientKeysOf({ balance, hash, stick, stickRules }: PoolDocument): ClientKey[] {
  const isById = balance === "client-id-hash";
  const keys = [
    { verb: "balances by", path: ["hash", "key"], key: isById ? "client-id" : hash?.key },
    { verb: "sticks by", path: ["stick", "by"], key: stick?.by },
    ...stickRules.map(({ by }, index) => {
      return { verb: "sticks by", path: ["stickRules", index, "by"], key: by };
    }),
  ];
  return keys.flatMap(({ verb, path, key }) => {
    return key === undefined ? [] : [{ key, path, what: `${verb} ${key}` }];
  });
}

export interface StickCondition {
  readonly text: string;
  /** In the pool. */
  readonly path: Path;
}

/** When a pool sticks by what it says. */
export function stickConditionsOf({ stickRules }: PoolDocument): StickCondition[] {
  return stickRules.flatMap(({ if: text }, index) => {
    return text === undefined ? [] : [{ text, path: ["stickRules", index, "if"] }];
  });
}
