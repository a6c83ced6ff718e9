import { describe, expect, it } from "vitest";
import { settle, WiredNode } from "../../../tests/quickstart/wired-client.ts";
import { REASON } from "../reason.ts";

const will = { topic: "will", payload: Buffer.from("gone") };

async function start(sessionExpiryInterval: number) {
  const node = new WiredNode({ sessionExpiryMaxS: 100 });
  const watcher = await node.connect("watcher");
  await watcher.subscribe("will");
  const properties = { sessionExpiryInterval };
  const client = await node.connect("a", { protocolVersion: 5, will, properties });
  return { node, watcher, client };
}

describe("onDisconnect", () => {
  it("drops the will, unless the client wants it sent", async () => {
    for (const [reasonCode, wills] of [
      [0x00, 0],
      [0x04, 1],
    ] as const) {
      const { watcher, client } = await start(0);
      client.send({ cmd: "disconnect", reasonCode });
      await settle();
      expect(client.isClosed).toBe(true);
      expect(await watcher.all()).toHaveLength(wills);
    }
  });

  it("changes how long the session lasts, up to the maximum", async () => {
    const { node, client } = await start(10);
    client.send({
      cmd: "disconnect",
      reasonCode: 0,
      properties: { sessionExpiryInterval: 4_000_000 },
    });
    await settle();
    node.advance(99_000);
    expect(node.broker.sessions.get("a")).toBeDefined();
    node.advance(1_000);
    expect(node.broker.sessions.get("a")).toBeUndefined();
  });

  it("may not make a session last that was to end with its connection", async () => {
    const { node, client } = await start(0);
    client.send({ cmd: "disconnect", reasonCode: 0, properties: { sessionExpiryInterval: 5 } });
    expect(await client.next()).toMatchObject({
      cmd: "disconnect",
      reasonCode: REASON.protocolError,
    });
    expect(node.broker.sessions.get("a")).toBeUndefined();
  });

  it("ends a 3.1.1 connection in good order", async () => {
    const { node, watcher } = await start(0);
    const client = await node.connect("b", { will });
    client.send({ cmd: "disconnect" });
    await settle();
    expect(client.isClosed).toBe(true);
    expect(await watcher.all()).toEqual([]);
  });
});
