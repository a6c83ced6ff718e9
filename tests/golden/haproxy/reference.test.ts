// docs/haproxy.md says what the tables of keywords say.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { haproxyReference } from "../../../scripts/haproxy-reference.ts";

const PAGE = fileURLToPath(new URL("../../../docs/haproxy.md", import.meta.url));

test("docs/haproxy.md is up to date", async () => {
  await expect(haproxyReference()).toMatchFileSnapshot(PAGE);
});
