import { describe, expect, test } from "vitest";
import { formatDiagnostic } from "./diagnostic.ts";
import { loadSettings } from "./load-settings.ts";

async function told(listeners: string, more = ""): Promise<readonly string[]> {
  const text = `listeners:\n${listeners}\npools:\n  p: { servers: ["10.0.0.1:1"] }\n${more}`;
  const surroundings = {
    ...{ environment: {}, lookUp: async () => [] },
    ownAddresses: () => ["127.0.0.1", "192.0.2.7", "2001:DB8:0::7"],
  };
  const { diagnostics } = await loadSettings({ file: "x", text }, surroundings);
  return diagnostics.map(formatDiagnostic);
}

const CLASH = expect.stringContaining("has already");

describe("listenAddressesDiffer", () => {
  test("refuses one address twice, in whatever form", async () => {
    const a = '  a: { listen: "[::1]:1883", pool: p }\n';
    expect(await told(`${a}  b: { listen: "[0::0:1]:1883", pool: p }`)).toEqual([CLASH]);
    expect(await told(`  a: { listen: ["0.0.0.0:1", "0.0.0.0:1"], pool: p }`)).toEqual([CLASH]);
  });

  test("refuses the address of admin, its default too", async () => {
    expect(await told(`  a: { listen: "127.0.0.1:8888", pool: p }`)).toEqual([CLASH]);
    const off = "admin: false\n";
    expect(await told(`  a: { listen: "127.0.0.1:8888", pool: p }`, off)).toEqual([]);
  });

  test("takes one port on several addresses, and both families", async () => {
    const a = '  a: { listen: ["127.0.0.1:1883", "127.0.0.2:1883", "[::1]:1883"], pool: p }';
    expect(await told(a)).toEqual([]);
  });
});

test("a pool that is not there is named, where there is none at all, too", async () => {
  const surroundings = { environment: {}, lookUp: async () => [] };
  const text = 'listeners: { a: { listen: "127.0.0.1:1", pool: nope } }\npools: {}\n';
  const { diagnostics } = await loadSettings({ file: "x", text }, surroundings);
  expect(diagnostics.map(formatDiagnostic)).toContainEqual(
    expect.stringContaining('names "nope", which is no pool, expected a pool of that name'),
  );
});

test.each([
  ["127.0.0.1:1883", "0.0.0.0:1883", true],
  ["127.0.0.1:1883", "[::]:1883", true],
  ["[::1]:1883", "[::]:1883", true],
  ["[::1]:1883", "0.0.0.0:1883", false],
  ["127.0.0.1:1883", "127.0.0.2:1883", false],
  ["127.0.0.1:1884", "0.0.0.0:1883", false],
])("admin at %s beside a listener at %s", async (admin, listen, clashes) => {
  const mistakes = await told(
    `  a: { listen: "${listen}", pool: p }`,
    `admin: { listen: "${admin}" }`,
  );
  const sentence = `listeners.a listens on ${listen}, where admin has ${admin}, expected another`;
  expect(mistakes).toEqual(clashes ? [expect.stringContaining(sentence)] : []);
});

test("a listener of one interface does not hear what the machine sends to itself", async () => {
  const listener = '  a: { listen: "0.0.0.0:1883", interface: eth0, pool: q }';
  const others = '  q: { servers: ["192.0.2.7:1883"] }\n';
  const mistakes = await told(`${listener}\n  b: { listen: "0.0.0.0:9", pool: p }`, others);
  expect(mistakes).toEqual([]);
});

test("admin may have the IPv4 address of a port that a listener has for IPv6 alone", async () => {
  const only = '  a: { listen: "[::]:1883", ipv6Only: true, pool: p }';
  expect(await told(only, 'admin: { listen: "127.0.0.1:1883" }')).toEqual([]);
});

test("ipv6Only wants an address that stands for all of IPv6", async () => {
  const only = (listen: string) => told(`  a: { listen: ${listen}, ipv6Only: true, pool: p }`);
  expect(await only('["0.0.0.0:1", "[0::0]:1"]')).toEqual([]);
  const warned = [expect.stringContaining("warning: none of the addresses of listeners.a")];
  expect(await only('["0.0.0.0:1", "[::1]:2"]')).toEqual(warned);
});

describe("serversAreNotListeners", () => {
  test.each([
    ["0.0.0.0:1883", "127.0.0.1:1883", true],
    ["0.0.0.0:1883", "127.8.8.8:1883", true],
    ["0.0.0.0:1883", "127.0.0.1:1884", false],
    ["0.0.0.0:1883", "10.0.0.1:1883", false],
    ["10.0.0.1:1883", "10.0.0.1:1883", true],
    ["[::]:1883", "[::1]:1883", true],
    ["[::1]:1883", "127.0.0.1:1883", false],
    ["[::]:1883", "127.0.0.1:1883", true],
    // Addresses of the machine that these tests stand for.
    ["0.0.0.0:1883", "192.0.2.7:1883", true],
    ["[::]:1883", "192.0.2.7:1883", true],
    ["[::]:1883", "[2001:db8::7]:1883", true],
    ["0.0.0.0:1883", "192.0.2.8:1883", false],
    ["0.0.0.0:1883", "192.0.2.7:1884", false],
    ["127.0.0.1:1883", "192.0.2.7:1883", false],
  ])("listener %s, server %s", async (listen, server, self) => {
    const others = `  q: { servers: ["${server}"] }\n`;
    const mistakes = await told(
      `  a: { listen: "${listen}", pool: q }\n  b: { listen: "0.0.0.0:9", pool: p }`,
      others,
    );
    expect(mistakes).toEqual(self ? [expect.stringContaining("is Fairlead itself")] : []);
  });
});

describe("tcp listeners", () => {
  const tcp =
    "  a: { listen: 0.0.0.0:1, pool: q, protocol: tcp }\n  b: { listen: 0.0.0.0:2, pool: p }";

  test.each(["balance: source-hash", "stick: { by: source }", "balance: random"])(
    "go with %s",
    async (way) => {
      expect(await told(tcp, `  q: { ${way}, servers: [10.0.0.2:1] }\n`)).toEqual([]);
    },
  );

  test.each(["balance: client-id-hash", "stick: { by: client-id }", "stick: { by: user-name }"])(
    "do not go with %s",
    async (way) => {
      const mistakes = await told(tcp, `  q: { ${way}, servers: [10.0.0.2:1] }\n`);
      expect(mistakes).toEqual([expect.stringContaining("reads no CONNECT")]);
    },
  );
});
