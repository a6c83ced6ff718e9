import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import {
  certificatesOfTest,
  listenerPlan,
  serverPlan,
  TlsScene,
} from "../../tests/tls/tls-scene.ts";
import { forgetSessions, resumeLastSession } from "./resumption.ts";
import { ServerContexts } from "./server-contexts.ts";
import { TicketKeys } from "./ticket-keys.ts";
import { makeClientContext } from "./tls-context.ts";

let certificates: Certificates;
let scene: TlsScene;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  scene = new TlsScene();
});

afterAll(() => scene.destroy());

describe("the last session of a context", () => {
  it("is resumed by as many connections as begin at once", () => {
    const contexts = new ServerContexts(listenerPlan([certificates.server]), new TicketKeys());
    const server = contexts.choose("")!;
    const client = makeClientContext(serverPlan({ authorities: certificates.ca.cert }));
    scene.connect(0, client, server);
    for (const slot of [1, 2, 3]) {
      scene.server.engine.accept(slot, server);
      scene.client.engine.connect(slot, client);
      scene.server.give(slot, scene.client.take(slot));
      scene.client.give(slot, scene.server.take(slot));
      scene.server.give(slot, scene.client.take(slot));
      // The next ticket stays on its way.
      scene.server.take(slot);
    }
    const resumed = [0, 1, 2, 3].map((slot) => scene.client.engine.wasResumed(slot));
    expect(resumed).toEqual([false, true, true, true]);
    for (const slot of [0, 1, 2, 3]) scene.free(slot);
    client.free();
    contexts.free();
  });

  it("is none where none was kept", () => {
    expect(() => resumeLastSession(1, 1)).not.toThrow();
    expect(() => forgetSessions(1)).not.toThrow();
  });
});
