import { describe, expect, it } from "vitest";
import { WiredNode } from "../../../tests/quickstart/wired-client.ts";
import { REASON } from "../reason.ts";

describe("onUnsubscribe", () => {
  it("ends subscriptions and says for each whether there was one", async () => {
    const node = new WiredNode();
    const client = await node.connect("a", { protocolVersion: 5 });
    await client.subscribe("x");
    client.send({ cmd: "unsubscribe", messageId: 7, unsubscriptions: ["x", "never"] });
    expect(await client.next()).toMatchObject({
      cmd: "unsuback",
      messageId: 7,
      granted: [REASON.success, REASON.noSubscriptionExisted],
    });
    client.publish("x", "late");
    expect(await client.all()).toEqual([]);
  });

  it("answers 3.1.1 clients too", async () => {
    const client = await new WiredNode().connect("a");
    client.send({ cmd: "unsubscribe", messageId: 8, unsubscriptions: ["x"] });
    expect(await client.next()).toMatchObject({ cmd: "unsuback", messageId: 8 });
  });
});
