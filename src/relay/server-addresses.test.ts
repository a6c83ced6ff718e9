import { describe, expect, it } from "vitest";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import type { ServerPlan } from "../shm/plan.ts";
import { ServerAddresses } from "./server-addresses.ts";

const { io, plan } = new Scene({ servers: [{}, {}] });
const here = makeEndpoint("192.0.2.50", 0)!;

describe("ServerAddresses", () => {
  it("keeps an address for as long as its number has it, and gives all back", () => {
    const before = [...io.addresses];
    const kept = new ServerAddresses(io);
    kept.use(plan.servers);
    const first = kept.of(0);
    kept.use(plan.servers.map((server) => ({ ...server })));
    expect(kept.of(0)).toBe(first);
    const moved = { ...plan.servers[0]!, endpoint: makeEndpoint("10.9.9.9", 1883)! };
    kept.use([moved, plan.servers[1]!]);
    expect(io.addresses).toContainEqual(moved.endpoint);
    kept.releaseAll();
    expect(io.addresses.filter((address) => address !== null)).toEqual(before);
  });

  it("has with an address what keeps its connections alive, which may change", () => {
    const kept = new ServerAddresses(io);
    kept.use(plan.servers);
    const { offset } = kept.of(0);
    const tcpKeepAlive = { idleSeconds: 60, intervalSeconds: 10, probes: 3 };
    const transport = { ...plan.servers[0]!.transport, tcpKeepAlive };
    kept.use([{ ...plan.servers[0]!, transport }, plan.servers[1]!]);
    expect(kept.of(0)).toMatchObject({ offset, keepAlive: tcpKeepAlive });
    kept.use(plan.servers);
    expect(kept.of(0).keepAlive).toBeNull();
    kept.releaseAll();
  });

  it("keeps where connections to a server come from, which may change", () => {
    const kept = new ServerAddresses(io);
    kept.use(plan.servers);
    expect(kept.sourceOf(1)).toBeNull();
    const source = { kind: "addresses", endpoints: [here] } as const;
    const transport = { ...plan.servers[1]!.transport, source };
    kept.use([plan.servers[0]!, { ...plan.servers[1]!, transport }]);
    expect(kept.sourceOf(1)).not.toBeNull();
    kept.use(plan.servers);
    expect(kept.sourceOf(1)).toBeNull();
    kept.releaseAll();
  });

  it("has several addresses take turns, and keeps none of them", () => {
    const kept = new ServerAddresses(io);
    const endpoints = [here, makeEndpoint("192.0.2.51", 0)!];
    const transport = { ...plan.servers[0]!.transport, source: { kind: "addresses", endpoints } };
    kept.use([{ ...plan.servers[0]!, transport } as ServerPlan, plan.servers[1]!]);
    expect(kept.sourceOf(0)).toBeNull();
    const turns = [1, 2, 3].map(() => kept.nextSource(0));
    expect(turns).toEqual([endpoints[0], endpoints[1], endpoints[0]]);
    expect(kept.nextSource(1)).toBeNull();
    kept.use(plan.servers);
    expect(kept.nextSource(0)).toBeNull();
    kept.releaseAll();
  });
});
