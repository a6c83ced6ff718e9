import { describe, expect, test } from "vitest";
import { checkDocument } from "./check-document.ts";
import { loadYaml } from "./load-yaml.ts";

function check(text: string, environment: Record<string, string> = {}) {
  const { root } = loadYaml({ file: "x.yaml", text }, environment);
  return checkDocument("x.yaml", root!);
}

const GOOD = `
listeners:
  mqtt: { listen: 0.0.0.0:1883, pool: brokers }
pools:
  brokers:
    servers: [10.0.0.1:1883]
`;

describe("checkDocument", () => {
  test("fills in every default", () => {
    const { document, diagnostics } = check(GOOD);
    expect(diagnostics).toEqual([]);
    expect(document).toMatchObject({
      workers: "auto",
      limits: { connectSize: 65_536, connectDeadline: 10_000 },
      listeners: { mqtt: { protocol: "mqtt", backlog: 4096 } },
      pools: { brokers: { balance: "round-robin", check: { type: "tcp", rise: 2 } } },
    });
  });

  test("falls back to the default of a value that is wrong, and checks the rest", () => {
    const { document, diagnostics } = check(`workers: many\nreactr: 1\n${GOOD}`);
    expect(diagnostics.map(({ path }) => path)).toEqual(["workers", "reactr"]);
    expect(document?.workers).toBe("auto");
    expect(document?.pools["brokers"]?.servers).toHaveLength(1);
  });

  test("puts placeholders where a required key is wrong, without losing its neighbours", () => {
    const { document, root } = check("listeners: { a: { listen: x, backlog: 5 } }\npools: 7\n");
    expect(document?.listeners["a"]?.backlog).toBe(5);
    expect(document?.pools).toEqual({});
    expect(root.kind === "map" && root.entries.get("pools")?.placeholder).toBe(true);
  });

  test("leaves out servers that are wrong and keeps the others", () => {
    const text = GOOD.replace(
      "[10.0.0.1:1883]",
      "[x, 10.0.0.1:1883, { weight: 1 }, 7, 10.0.0.2:1]",
    );
    const { document, diagnostics } = check(text);
    expect(diagnostics.map(({ path }) => path)).toEqual([
      "pools.brokers.servers[0]",
      "pools.brokers.servers[2].address",
      "pools.brokers.servers[3]",
    ]);
    const addresses = document?.pools["brokers"]?.servers.map(({ address }) => address.text);
    expect(addresses).toContain("10.0.0.1:1883");
    expect(addresses).toContain("10.0.0.2:1");
    expect(addresses).not.toContain("x");
  });

  test("takes numbers as text where text is wanted, as they were written", () => {
    const pool = "check: { type: mqtt, version: 5.0, userName: 007, password: 1e3 }";
    const { document } = check(GOOD.replace("servers:", `${pool}\n    servers:`));
    const expected = { version: "5.0", userName: "007", password: "1e3" };
    expect(document?.pools["brokers"]?.check).toMatchObject(expected);
  });

  test("takes what comes out of the environment as the kind that fits", () => {
    const pool = `check: { type: mqtt, userName: "\${N}", rise: "\${N}" }`;
    const text = GOOD.replace("servers:", `${pool}\n    servers:`);
    const { document, diagnostics } = check(`admin: \${ADMIN}\n${text}`, {
      N: "7",
      ADMIN: "false",
    });
    expect(diagnostics).toEqual([]);
    expect(document?.admin).toBe(false);
    expect(document?.pools["brokers"]?.check).toMatchObject({ userName: "7", rise: 7 });
  });

  test.each(["5", "[]", "text", "{}", "listeners: []\npools: []"])(
    "makes something of %j",
    (text) => {
      expect(check(text).diagnostics.length).toBeGreaterThan(0);
    },
  );
});
