import { expect, it } from "vitest";
import { settingsFrom, TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { nameServer, withAddress } from "./moved-server.ts";

it("withAddress moves one server, its checks with it, and no other", async () => {
  const file = await settingsFrom(TWO_POOLS);
  expect(nameServer(file, 2)).toBe("spare/c");
  const endpoint = makeEndpoint("192.0.2.9", 1883)!;
  const moved = withAddress(file, "brokers/b", { address: "192.0.2.9:1883", endpoint });
  expect(moved.servers[1]).toMatchObject({ address: "192.0.2.9:1883", checkEndpoint: endpoint });
  expect([moved.servers[0], moved.servers[2]]).toEqual([file.servers[0], file.servers[2]]);
});
