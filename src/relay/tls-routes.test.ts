import { beforeAll, describe, expect, it } from "vitest";
import type { Certificates } from "../../tests/certificates.ts";
import { PLAIN_TRANSPORT } from "../../tests/fixtures/plain-plan.ts";
import { Scene } from "../../tests/relay/relay-scene.ts";
import { certificatesOfTest, listenerPlan, serverPlan } from "../../tests/tls/tls-scene.ts";
import type { Plan } from "../shm/plan.ts";
import { TicketKeys } from "../tls/ticket-keys.ts";
import { closeTlsRoutes, openTlsRoutes, renewCertificates } from "./tls-routes.ts";

const tickets = new TicketKeys();

let certificates: Certificates;
let plan: Plan;

beforeAll(async () => {
  certificates = await certificatesOfTest();
  const { plan: plain } = new Scene({ servers: [{}, {}, {}] });
  const shared = { ...PLAIN_TRANSPORT, tls: serverPlan() };
  const [first, second, third] = plain.servers as [Plan["servers"][0], ...Plan["servers"]];
  const [listener] = plain.listeners as [Plan["listeners"][0]];
  plan = {
    ...plain,
    listeners: [{ ...listener, tls: listenerPlan([certificates.server]) }, listener],
    servers: [{ ...first!, transport: shared }, { ...second!, transport: shared }, third!],
  };
});

describe("openTlsRoutes", () => {
  it("opens certificates where TLS is spoken, and one context for servers that are alike", () => {
    const routes = openTlsRoutes(plan, tickets);
    expect(routes.listeners[0]?.choose("localhost")).not.toBeNull();
    expect(routes.listeners[1]).toBeNull();
    const [first, second, third] = routes.servers;
    expect(first).not.toBeNull();
    expect(second).toBe(first);
    expect(third).toBeNull();
    closeTlsRoutes(routes);
  });
});

describe("renewCertificates", () => {
  it("replaces those of one listener as a whole", () => {
    const routes = openTlsRoutes(plan, tickets);
    const before = routes.listeners[0]!;
    renewCertificates(routes, 0, listenerPlan([certificates.serverOther]), tickets);
    expect(routes.listeners[0]).not.toBe(before);
    closeTlsRoutes(routes);
  });

  it("changes nothing when they are bad", () => {
    const routes = openTlsRoutes(plan, tickets);
    const before = routes.listeners[0]!;
    const { cert } = certificates.server;
    const bad = { ...certificates.server, cert, key: certificates.serverRsa.key };
    expect(() => renewCertificates(routes, 0, listenerPlan([bad]), tickets)).toThrow();
    expect(routes.listeners[0]).toBe(before);
    expect(before.choose("localhost")).not.toBeNull();
    closeTlsRoutes(routes);
  });
});
