import { describe, expect, it } from "vitest";
import { loadPool } from "../../tests/fixtures/loaded.ts";

const http = (keys: string) => loadPool(`check: { type: http, http: { ${keys} } }, servers: [a]`);
const script = (steps: string) =>
  loadPool(`check: { type: script, script: [${steps}] }, servers: [10.0.0.1:1]`);

async function refused(loading: ReturnType<typeof loadPool>): Promise<readonly string[]> {
  const { told } = await loading;
  return told.filter((line) => !line.includes("servers"));
}

describe("the keys of http checks", () => {
  it.each([
    "method: OPTIONS, path: /status?format=json, version: 1.0",
    "version: 1.1, headers: { Host: a.example, X-Check: '1' }, body: '{}'",
    "expect: [{ status: 200 }, { status: '200-299,404', not: true }]",
    "expect: [{ bodyPattern: '^ok$' }, { header: 'Server: EMQX' }], drainStatus: 503",
  ])("take %s", async (keys) => {
    expect(await refused(http(keys))).toEqual([]);
  });

  it.each([
    ["path: 'a b'", "a path such as /status"],
    ["method: get", "a method such as GET"],
    ["expect: [{ status: 2xx }]", "status codes and ranges"],
    ["expect: [{ bodyPattern: '(' }]", "a regular expression"],
    ["expect: [{ header: Server }]", "a header and its value"],
    ["expect: []", "a list of expectations"],
    ['headers: { a: "x\\r\\ny" }', "text without line breaks"],
  ])("do not take %s", async (keys, expected) => {
    expect(await refused(http(keys))).toEqual([expect.stringContaining(expected)]);
  });
});

describe("the steps of scripts", () => {
  it("become bytes and expectations", async () => {
    const { settings, told } = await script(
      '{ connect: { port: 7, tls: true } }, { send: "PING\\r\\n" }, { sendBinary: c000 }, ' +
        "{ expect: { binaryPattern: '^D0', not: true, bytesMin: 2 }, comment: pong }",
    );
    expect(told).toEqual([]);
    const expected = { on: "binary-pattern", value: "^D0", not: true, bytesMin: 2 };
    expect(settings?.servers[0]?.check?.script).toEqual([
      { do: "connect", port: 7, tls: true, proxyProtocol: null, comment: "" },
      { do: "send", bytes: Buffer.from("PING\r\n"), comment: "" },
      { do: "send", bytes: Buffer.from([0xc0, 0]), comment: "" },
      { do: "expect", expect: { ...expected, onSuccess: "", onError: "" }, comment: "pong" },
    ]);
  });

  it.each([
    ["{ sendBinary: c00 }", "bytes as hex digits"],
    ["{ expect: { pattern: '[' } }", "a regular expression"],
    ["{ expect: { string: a, bytesMin: 0 } }", "from 1 to 65536"],
  ])("do not take %s", async (steps, expected) => {
    expect(await refused(script(steps))).toEqual([expect.stringContaining(expected)]);
  });
});
