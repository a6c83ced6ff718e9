import { expect, test } from "vitest";
import { AT } from "../../../tests/fixtures/haproxy-document.ts";
import { scalar } from "../import/draft.ts";
import { PoolDrafts } from "./pool-drafts.ts";

test("the same is one pool, something else is another", () => {
  const pools = new PoolDrafts(AT);
  const add = (name: string, value: string) => pools.add(name, scalar(value, { at: AT }), AT);
  expect(add("a", "1")).toEqual({ name: "a", isVariant: false });
  expect(add("a", "1")).toEqual({ name: "a", isVariant: false });
  expect(add("a", "2")).toEqual({ name: "a-2", isVariant: true });
  expect(add("a-2", "3")).toEqual({ name: "a-2-2", isVariant: false });
  expect([...pools.drafts.entries.keys()]).toEqual(["a", "a-2", "a-2-2"]);
});
