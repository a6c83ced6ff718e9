import { describe, expect, it } from "vitest";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead } from "./fairlead.ts";
import { canConnect, Mosquitto } from "./mosquitto.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { waitUntil } from "./wait-until.ts";

async function startWith(grace: string) {
  const broker = closeAtEnd(await Mosquitto.start());
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const config = `
admin: { listen: "127.0.0.1:${adminPort}" }
workers: 2
shutdown: { grace: ${grace} }
listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: brokers } }
pools: { brokers: { servers: ["127.0.0.1:${broker.port}"] } }
`;
  const fairlead = closeAtEnd(await Fairlead.start({ config, adminPort }));
  const clients = await Promise.all(
    Array.from({ length: 20 }, (_, i) => RawClient.connect({ port, clientId: `client-${i}` })),
  );
  for (const { socket } of clients) closeAtEnd({ close: () => socket.destroy() });
  return { fairlead, port, clients };
}

describe("stopping", () => {
  it("refuses new clients, ends the others within the grace and exits with 0", async () => {
    const { fairlead, port, clients } = await startWith("2s");
    fairlead.signal("SIGTERM");
    await waitUntil("new clients are refused", async () => !(await canConnect(port)));
    await Promise.all(clients.map(({ closed }) => closed));
    await waitUntil("the process has ended", () => fairlead.exitCode !== null);
    expect(fairlead.exitCode).toBe(0);
    await expect.poll(() => fairlead.log.at(-1)?.["msg"]).toBe("Stopped");
    const ends = fairlead.log.filter(({ clientId }) => String(clientId).startsWith("client-"));
    expect(ends).toHaveLength(20);
    expect(new Set(ends.map(({ reason }) => reason))).toEqual(new Set(["shut-down"]));
  });

  it("ends at once on a second signal, with 1", async () => {
    const { fairlead, port, clients } = await startWith("1h");
    fairlead.signal("SIGTERM");
    await fairlead.waitForLog("it is stopping", ({ msg }) => msg === "Stopping on SIGTERM");
    await waitUntil("new clients are refused", async () => !(await canConnect(port)));
    expect(fairlead.exitCode).toBeNull();
    fairlead.signal("SIGINT");
    await waitUntil("the process has ended", () => fairlead.exitCode !== null);
    expect(fairlead.exitCode).toBe(1);
    await Promise.all(clients.map(({ closed }) => closed));
  });
});
