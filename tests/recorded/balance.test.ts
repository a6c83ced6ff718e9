// The servers that a real HAProxy and a real nginx chose, compared with ours: the same servers,
// clients and changes give the same choices. record-balance.js beside this file records them anew.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BALANCE_ROWS, type BalanceName, type Choice } from "../../src/balance/balance.ts";
import type { BalancePool } from "../../src/balance/balancers.ts";
import { clearKey, setKey, setSourceKey } from "../../src/balance/hash-key.ts";
import type { HashRule, HashType } from "../../src/balance/hash-plan.ts";
import { makeEndpoint } from "../../src/bytes/endpoint.ts";
import {
  choiceNumber,
  type FixtureServer,
  makeHashRule,
  makePool,
  type PoolFixture,
} from "../contract/pool-fixture.ts";
import { clientId, ipv4, ipv6 } from "./balance-keys.js";

interface RecordedCase {
  readonly name: string;
  readonly program: "haproxy" | "nginx";
  readonly pool: Omit<Partial<BalancePool>, "hash"> & {
    readonly balance: BalanceName;
    readonly hash?: Partial<HashRule> & { readonly type: HashType };
  };
  readonly key: "none" | "client-id" | "ipv4" | "ipv4-bytes" | "ipv6" | "address-text";
  readonly servers: readonly (FixtureServer & { readonly down?: boolean })[];
  /** Separated by commas: what is done, and its numbers. */
  readonly steps: string;
  /** For each step in which clients came: their servers, a digit each. */
  readonly picks: readonly string[];
}

const SERVER_PORT = 24_310;
const file = new URL("balance.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(file, "utf8")) as { cases: RecordedCase[] };

function openPool({ pool, servers, program }: RecordedCase): PoolFixture {
  const hash = pool.hash === undefined ? null : makeHashRule(pool.hash.type, pool.hash);
  const list = servers.map((server, i) => ({
    ...server,
    // nginx hashes what its file says; HAProxy counts from 1.
    name: `127.0.1.${i + 1}:${SERVER_PORT + i}`,
    hashKey: program === "nginx" ? ("name" as const) : ("id" as const),
  }));
  const fixture = makePool({ ...pool, hash }, list);
  for (const [i, { down }] of servers.entries()) if (down) fixture.servers.setUp(i, false);
  return fixture;
}

/** Plays the steps of a case on a pool of ours. */
class Replay {
  readonly #recorded: RecordedCase;
  readonly #pool: PoolFixture;
  readonly #open: number[] = [];
  #next = 0;

  constructor(recorded: RecordedCase) {
    this.#recorded = recorded;
    this.#pool = openPool(recorded);
  }

  perform(step: string): string | null {
    const { servers, workers } = this.#pool;
    const [what, ...numbers] = step.split(" ");
    const [first = 0, second = 0] = numbers.map(Number);
    if (what === "take" || what === "hold") return this.#clients(first, what === "hold");
    if (what === "weight") servers.setWeight(first, second);
    if (what === "down" || what === "up") servers.setUp(first, what === "up");
    if (what === "close") for (let i = 0; i < second; i++) workers[0]!.servers.release(first);
    return null;
  }

  #clients(count: number, stay: boolean): string {
    const { balancer, servers } = this.#pool.workers[0]!;
    let picks = "";
    for (let i = 0; i < count; i++) {
      const server = balancer.take(this.#choice(this.#next++));
      picks += server;
      if (server !== -1 && !stay) servers.release(server);
      else this.#open.push(server);
    }
    return picks;
  }

  #choice(i: number): Choice {
    const { key } = this.#recorded;
    const choice = choiceNumber(i);
    const rule = this.#pool.plan.pools[0]!.hash;
    clearKey(choice);
    if (key === "none" || rule === null) return choice;
    if (BALANCE_ROWS[this.#recorded.pool.balance].key === "source") {
      setSourceKey(choice, rule, makeEndpoint(key === "ipv6" ? ipv6(i) : ipv4(i), 4000)!, 0);
      return choice;
    }
    const text = key === "client-id" ? clientId(i) : ipv4(i);
    const isBytes = key === "ipv4-bytes";
    const bytes = isBytes ? makeEndpoint(text, 0)!.slice(12, 16) : new TextEncoder().encode(text);
    setKey(choice, rule, bytes, 0, bytes.length);
    return choice;
  }
}

describe.each(["haproxy", "nginx"] as const)("the choices of %s", (program) => {
  const recorded = cases.filter((each) => each.program === program);

  it.each(recorded.map((each) => [each.name, each] as const))("are ours: %s", (_, each) => {
    const replay = new Replay(each);
    const picks = each.steps
      .split(", ")
      .map((step) => replay.perform(step))
      .filter((said) => said !== null);
    expect(picks).toEqual(each.picks);
  });
});
