// docs/nginx.md says what the tables of directives say.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { nginxReference } from "../../../scripts/nginx-reference.ts";

const PAGE = fileURLToPath(new URL("../../../docs/nginx.md", import.meta.url));

test("docs/nginx.md is up to date", async () => {
  await expect(nginxReference()).toMatchFileSnapshot(PAGE);
});
