import { describe, expect, it } from "vitest";
import { DnsServer, type Zone } from "../../tests/fixtures/dns-server.ts";
import { closeAtEnd } from "../../tests/process/close-at-end.ts";
import type { DnsQuestion } from "./dns-answer.ts";
import { makeDnsClient } from "./dns-client.ts";

const ZONE: Zone = {
  a: { "brokers.example": ["10.0.0.1", "10.0.0.2"], "one.example": ["10.0.1.1"] },
  aaaa: { "brokers.example": ["2001:db8:0:0:0:0:0:1"] },
  srv: {
    "_mqtt._tcp.example": [
      { target: "one.example", port: 1883, weight: 500 },
      { target: "brokers.example", port: 1884, weight: 100 },
      { target: "gone.example", port: 1885 },
      { target: "one.example", port: 9999, priority: 10 },
    ],
    "_even._tcp.example": [{ target: "one.example", port: 1883 }],
    "_lost._tcp.example": [{ target: "gone.example", port: 1 }],
  },
};

async function start() {
  const server = closeAtEnd(await DnsServer.start(ZONE));
  const client = makeDnsClient({ nameServers: [server.address], retryMs: 500, triesMax: 2 });
  closeAtEnd(client);
  const ask = (name: string, prefer: DnsQuestion["prefer"] = "ipv4") =>
    client.ask({ name, prefer });
  return { server, ask };
}

const at = (address: string, port: number | null = null, weight: number | null = null) => ({
  address,
  port,
  weight,
});

describe("makeDnsClient", () => {
  it("finds addresses of the family that is preferred, else of the other", async () => {
    const { ask } = await start();
    expect((await ask("brokers.example")).records).toEqual([at("10.0.0.1"), at("10.0.0.2")]);
    expect((await ask("brokers.example", "ipv6")).records).toEqual([at("2001:db8::1")]);
    expect((await ask("one.example", "ipv6")).records).toEqual([at("10.0.1.1")]);
  });

  it("finds services of the first priority, with ports and weights", async () => {
    const { ask } = await start();
    expect((await ask("_mqtt._tcp.example")).records).toEqual([
      at("10.0.1.1", 1883, 500),
      at("10.0.0.1", 1884, 100),
      at("10.0.0.2", 1884, 100),
    ]);
  });

  it("leaves weights to the operator where a service has none but 0", async () => {
    const { ask } = await start();
    expect((await ask("_even._tcp.example")).records).toEqual([at("10.0.1.1", 1883)]);
  });

  it.each([
    ["answers", "gone.example", "nx", "no such name"],
    ["answers", "_gone._tcp.example", "nx", "no such name"],
    ["answers", "_lost._tcp.example", "nx", "no such name"],
    ["refuses", "one.example", "refused", "the name server refuses"],
    ["fails", "one.example", "other", "the name server has failed"],
    ["is silent", "one.example", "timeout", "no name server answers"],
  ] as const)("says when the server %s about %s: %s", async (mood, name, failure, sentence) => {
    const { server, ask } = await start();
    server.mood = mood;
    expect(await ask(name)).toEqual({ records: null, failure, sentence });
  });

  it("asks again when it is not answered, as often as it may", async () => {
    const { server, ask } = await start();
    server.mood = "is silent";
    await ask("one.example");
    expect(server.questions.filter((question) => question === "one.example 1")).toHaveLength(2);
  });
});
