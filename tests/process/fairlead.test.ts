import { describe, expect, it } from "vitest";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, runFairlead } from "./fairlead.ts";
import { canConnect, Mosquitto } from "./mosquitto.ts";
import { freePorts } from "./ports.ts";

function configOf(port: number, adminPort: number, brokerPort: number): string {
  return `
admin: { listen: "127.0.0.1:${adminPort}" }
workers: 1
listeners:
  mqtt: { listen: "127.0.0.1:${port}", pool: brokers }
pools:
  brokers:
    servers: ["127.0.0.1:${brokerPort}"]
`;
}

describe("Fairlead", () => {
  it("starts, relays, shows its pages and ends with 0 and nothing left", async () => {
    const broker = closeAtEnd(await Mosquitto.start());
    const [port, adminPort] = (await freePorts(2)) as [number, number];
    const config = configOf(port, adminPort, broker.port);
    const fairlead = closeAtEnd(await Fairlead.start({ config, adminPort }));
    const client = closeAtEnd(await JsClient.connect(port, { clientId: "through" }));
    await client.client.subscribeAsync("a", { qos: 1 });
    await client.client.publishAsync("a", "hello", { qos: 1 });
    expect(await client.waitFor("a")).toMatchObject({ payload: "hello" });
    expect(JSON.stringify(await fairlead.fetchServers())).toContain(`127.0.0.1:${broker.port}`);
    await client.close();
    await fairlead.waitForLog("a log line names the client", (entry) => {
      return JSON.stringify(entry).includes('"through"');
    });
    expect(await fairlead.stop()).toBe(0);
    expect([await canConnect(port), await canConnect(adminPort)]).toEqual([false, false]);
  });

  it("says why it cannot start", async () => {
    const [adminPort] = (await freePorts(1)) as [number];
    const start = Fairlead.start({ config: "listeners: 5\n", adminPort });
    await expect(start).rejects.toThrow(/Cannot start Fairlead: [\s\S]*fairlead\.yaml:1:\d+: /);
  });
});

describe("runFairlead", () => {
  it("gives exit code and output of a command that ends by itself", async () => {
    expect(await runFairlead("--help")).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await runFairlead("no-such-command")).toMatchObject({ exitCode: 2, stdout: "" });
  });
});
