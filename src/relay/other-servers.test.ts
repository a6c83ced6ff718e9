import { describe, expect, it } from "vitest";
import { CONNECT_5, Scene } from "../../tests/relay/relay-scene.ts";
import { connectionOf } from "./connections.ts";
import { otherServers } from "./other-servers.ts";

function namesFor(publicNames: readonly (string | null)[], down: readonly number[] = []) {
  const scene = new Scene({ servers: publicNames.map((publicName) => ({ publicName })) });
  const slot = scene.accepted(CONNECT_5);
  for (const server of down) scene.shared.servers.setUp(server, false);
  return otherServers(scene.context, connectionOf(slot));
}

describe("otherServers", () => {
  it("names those that have names and take clients, but the client's own", () => {
    expect(namesFor(["a", "b", null, "d:1884"])).toBe("b d:1884");
    expect(namesFor(["a", "b", "c"], [1])).toBe("c");
  });

  it("names four at most, and nobody where there are no names", () => {
    expect(namesFor(["a", "b", "c", "d", "e", "f"])).toBe("b c d e");
    expect(namesFor([null, null])).toBeNull();
    expect(namesFor(["a", null])).toBeNull();
  });
});
