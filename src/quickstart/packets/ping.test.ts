import { expect, it } from "vitest";
import { WiredNode } from "../../../tests/quickstart/wired-client.ts";

it("onPing answers with PINGRESP", async () => {
  const client = await new WiredNode().connect("a");
  client.send({ cmd: "pingreq" });
  expect(await client.next()).toMatchObject({ cmd: "pingresp" });
});
