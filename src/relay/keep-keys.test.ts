import { describe, expect, it } from "vitest";
import { makeHashPlan } from "../../tests/fixtures/hash-plan.ts";
import { CONNACK, connectPacket, Scene } from "../../tests/relay/relay-scene.ts";
import { parseExpression } from "../rules/parse-expression.ts";

const EXPRESSION = parseExpression("mqtt.client_id,field(1,-)").plan!;
const SIX = { servers: [{}, {}, {}, {}, {}, {}] };

function serverFor(scene: Scene, clientId: string): number {
  const slot = scene.relayed(connectPacket({ clientId }));
  const server = scene.lastDialled;
  scene.io.bring(slot ^ 1, CONNACK);
  return server;
}

describe("keepExpressionKeys", () => {
  it("hashes what an expression says of a client", () => {
    const key = { kind: "expression", expression: EXPRESSION } as const;
    const hash = { ...makeHashPlan("client-id"), key };
    const scene = new Scene({ ...SIX, pool: { balance: "hash", hash }, connectionsMax: 40 });
    const tenants = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const servers = tenants.map((tenant) =>
      [1, 2, 3].map((i) => serverFor(scene, `${tenant}-${i}`)),
    );
    for (const ofTenant of servers) expect(new Set(ofTenant).size).toBe(1);
    expect(new Set(servers.flat()).size).toBeGreaterThan(1);
  });

  it("keeps together by it those who stick", () => {
    const stick = { by: "expression", expression: EXPRESSION, table: 0 } as const;
    const scene = new Scene({ ...SIX, stickBy: "client-id", pool: { stick: [stick] } });
    const first = serverFor(scene, "meter-1");
    expect(serverFor(scene, "other-1")).not.toBe(first);
    expect(serverFor(scene, "meter-2")).toBe(first);
  });
});
