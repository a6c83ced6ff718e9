import { expect, test } from "vitest";
import { lookUpHosts, systemLookup } from "./host-lookup.ts";
import { documentSchema } from "./schema.ts";

function documentWith(...servers: string[]) {
  return documentSchema.parse({
    listeners: { a: { listen: "0.0.0.0:1", pool: "p" } },
    pools: { p: { servers } },
  });
}

test("lookUpHosts makes answers of failures, each in words", async () => {
  const document = documentWith("gone:1", "busy:1", "odd:1", "none:1", "good:1", "10.0.0.1:1");
  const answers = await lookUpHosts(document, async (host) => {
    if (host === "gone") throw Object.assign(new Error("x"), { code: "ENOTFOUND" });
    if (host === "busy") throw Object.assign(new Error("x"), { code: "EAI_AGAIN" });
    if (host === "odd") throw new Error("odd failure");
    return host === "good" ? ["192.0.2.1"] : [];
  });
  expect(Object.fromEntries(answers)).toEqual({
    gone: { addresses: null, failure: "no such host" },
    busy: { addresses: null, failure: "the name server does not answer" },
    odd: { addresses: null, failure: "odd failure" },
    none: { addresses: null, failure: "it has no address" },
    good: { addresses: ["192.0.2.1"], failure: null },
  });
});

test("systemLookup knows localhost", async () => {
  expect(["127.0.0.1", "::1"]).toContain((await systemLookup("localhost"))[0]);
});
