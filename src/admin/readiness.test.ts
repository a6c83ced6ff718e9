import { afterAll, describe, expect, it } from "vitest";
import { startSupervised } from "../../tests/fixtures/supervised.ts";
import { countRefused, findHindrances } from "./readiness.ts";

const { supervisor } = await startSupervised();
afterAll(() => supervisor.stop(0));

describe("findHindrances", () => {
  it("names pools without a server that takes clients; a draining one does", () => {
    expect(findHindrances(supervisor)).toEqual([]);
    for (const server of supervisor.roster.servers) supervisor.health.setAdmin(server, "drain");
    expect(findHindrances(supervisor)).toEqual([]);
    supervisor.shared.servers.setUp(2, false);
    expect(findHindrances(supervisor)).toEqual(['Pool "spare" has no server that takes clients']);
    expect(countRefused(supervisor)).toBe(0);
  });

  it("looks at one pool where only that matters", () => {
    supervisor.shared.servers.setUp(2, false);
    expect(findHindrances(supervisor, 0)).toEqual([]);
    expect(findHindrances(supervisor, 1)).toEqual([
      'Pool "spare" has no server that takes clients',
    ]);
  });
});
