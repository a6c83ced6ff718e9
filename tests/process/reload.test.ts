// What a reload does to clients and servers, one change at a time: with real brokers, over SIGHUP
// and `fairlead ctl reload`.
import { once } from "node:events";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { certificatesOfTest } from "../tls/tls-scene.ts";
import { fetchServerViews, headOf, waitForEnd } from "./balancer.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, runFairlead } from "./fairlead.ts";
import { canConnect, Mosquitto } from "./mosquitto.ts";
import { placeOf, placesOf } from "./placement.ts";
import { freePorts } from "./ports.ts";
import { RawClient } from "./raw-clients.ts";
import { openTls, tryTls } from "./tls-clients.ts";
import { waitUntil } from "./wait-until.ts";

interface File {
  /** Lines of `listeners`. */
  readonly listeners?: readonly string[];
  /** Servers of the pool `brokers`. */
  readonly servers?: readonly string[];
  /** Lines of that pool. */
  readonly pool?: readonly string[];
  /** Further pools and sections. */
  readonly more?: readonly string[];
}

/** What a file is written by, before there is a Fairlead to read it. */
type Surroundings = Pick<Scene, "brokers" | "port" | "otherPort">;

class Scene {
  readonly brokers: readonly Mosquitto[];
  readonly fairlead: Fairlead;
  readonly port: number;
  readonly otherPort: number;
  private clientCount = 0;

  private constructor({ brokers, port, otherPort }: Surroundings, fairlead: Fairlead) {
    this.brokers = brokers;
    this.fairlead = fairlead;
    this.port = port;
    this.otherPort = otherPort;
  }

  /** Starts brokers and a Fairlead whose pool has the first of them, unless `file` says more. */
  static async start(brokerCount: number, file: (of: Surroundings) => File = () => ({})) {
    const starts = Array.from({ length: brokerCount }, () => Mosquitto.start());
    const brokers = (await Promise.all(starts)).map(closeAtEnd);
    const [adminPort, port, otherPort] = (await freePorts(3)) as [number, number, number];
    const surroundings = { brokers, port, otherPort };
    const config = configOf(adminPort, surroundings, file(surroundings));
    const fairlead = closeAtEnd(await Fairlead.start({ config, adminPort }));
    return new Scene(surroundings, fairlead);
  }

  write(file: File): void {
    this.fairlead.writeConfig(configOf(this.fairlead.adminPort, this, file));
  }

  /** Reloads and wants it to be applied. */
  async reload(file: File): Promise<void> {
    this.write(file);
    expect(await this.fairlead.reload()).toMatchObject({ outcome: "applied" });
  }

  async connect(port = this.port): Promise<RawClient> {
    const clientId = `client-${this.clientCount++}`;
    return closeAtEnd(await RawClient.connect({ port, clientId }));
  }

  /** Connects and says which broker it came to. */
  async place(port = this.port): Promise<number> {
    return placeOf(this.brokers, (await this.connect(port)).clientId);
  }

  server(broker: number, more = ""): string {
    return serverOf(this, broker, more);
  }
}

function configOf(adminPort: number, scene: Surroundings, file: File): string {
  const { listeners = [`mqtt: { listen: "127.0.0.1:${scene.port}", pool: brokers }`] } = file;
  const { pool = ["check: { type: none }"], more = [] } = file;
  const servers = file.servers ?? [`{ name: b0, address: "${scene.brokers[0]!.address}" }`];
  return [
    ...headOf(adminPort),
    "workers: 2",
    "listeners:",
    ...listeners.map((line) => `  ${line}`),
    "pools:",
    "  brokers:",
    ...pool.map((line) => `    ${line}`),
    "    servers:",
    ...servers.map((line) => `      - ${line}`),
    ...more,
    "",
  ].join("\n");
}

/** It is still there: a PINGREQ is answered. */
async function expectServed({ socket }: RawClient): Promise<void> {
  expect(socket.destroyed).toBe(false);
  const answer = new Promise((resolve) => socket.once("data", resolve));
  socket.write(Uint8Array.of(0xc0, 0));
  expect(await answer).toEqual(Buffer.of(0xd0, 0));
}

it("a server that is added gets clients, those who are there stay", async () => {
  const scene = await Scene.start(2);
  const early = await scene.connect();
  await scene.reload({ servers: [scene.server(0), scene.server(1)] });
  expect([await scene.place(), await scene.place()].sort()).toEqual([0, 1]);
  await expectServed(early);
  expect(scene.fairlead.log.filter(({ event }) => event === "connection")).toEqual([]);
});

it("a server that is removed keeps its clients and gets no more", async () => {
  const scene = await Scene.start(3, (of) => ({ servers: [serverOf(of, 0), serverOf(of, 1)] }));
  const clients = [await scene.connect(), await scene.connect()];
  const places = await Promise.all(clients.map(({ clientId }) => placeOf(scene.brokers, clientId)));
  await scene.reload({ servers: [scene.server(1)] });
  for (const client of clients) await expectServed(client);
  expect([await scene.place(), await scene.place()]).toEqual([1, 1]);
  const names = (await fetchServerViews(scene.fairlead)).map(({ name }) => name);
  expect(names).toEqual(["b1"]);

  // Its last client goes, with its name in the log; another server gets the place, from zero.
  const last = clients[places.indexOf(0)]!;
  await last.disconnect();
  expect(await waitForEnd(scene.fairlead, last.clientId)).toMatchObject({ server: "b0" });
  await scene.reload({ servers: [scene.server(1), scene.server(2)] });
  const views = await fetchServerViews(scene.fairlead);
  expect(views.map(({ name, connections }) => [name, connections.total])).toEqual([
    ["b1", 3],
    ["b2", 0],
  ]);
});

it("weights count from the next client on", async () => {
  const scene = await Scene.start(2, (of) => ({ servers: [serverOf(of, 0), serverOf(of, 1)] }));
  await scene.reload({ servers: [scene.server(0, ", weight: 0"), scene.server(1)] });
  for (let i = 0; i < 4; i++) expect(await scene.place()).toBe(1);
  await scene.reload({ servers: [scene.server(0, ", weight: 3"), scene.server(1)] });
  const places = [];
  for (let i = 0; i < 8; i++) places.push(await scene.place());
  expect(places.filter((place) => place === 0)).toHaveLength(6);
});

it("listeners open, close and change their pool; clients stay where they are", async () => {
  const scene = await Scene.start(2);
  const { port, otherPort } = scene;
  const early = await scene.connect();
  const second = ["  second:", "    check: { type: none }", `    servers: [${scene.server(1)}]`];
  const mqtt = (pool: string) => `mqtt: { listen: "127.0.0.1:${port}", pool: ${pool} }`;
  const other = `other: { listen: "127.0.0.1:${otherPort}", pool: second }`;

  await scene.reload({ listeners: [mqtt("brokers"), other], more: second });
  expect([await scene.place(), await scene.place(otherPort)]).toEqual([0, 1]);
  const atOther = await scene.connect(otherPort);

  await scene.reload({ listeners: [mqtt("second")], more: second });
  expect(await scene.place()).toBe(1);
  await waitUntil("the removed listener refuses", async () => !(await canConnect(otherPort)));
  for (const client of [early, atOther]) await expectServed(client);

  await scene.reload({ listeners: [mqtt("brokers"), other], more: second });
  expect([await scene.place(), await scene.place(otherPort)]).toEqual([0, 1]);
});

it("states, history and counts of servers survive", async () => {
  const check = ["check: { type: tcp, interval: 100ms, timeout: 1m, fall: 2, rise: 2 }"];
  const both = (of: Surroundings) => ({ servers: [serverOf(of, 0), serverOf(of, 1)], pool: check });
  const scene = await Scene.start(2, both);
  await scene.connect();
  await scene.brokers[1]!.stop();
  await waitUntil("the server is down", async () => {
    return (await fetchServerViews(scene.fairlead))[1]!.state === "DOWN";
  });
  const before = await fetchServerViews(scene.fairlead);
  const slow = ["check: { type: tcp, interval: 10m, fall: 2, rise: 2 }"];
  await scene.reload({ servers: [scene.server(1), scene.server(0)], pool: slow });
  const after = await fetchServerViews(scene.fairlead);
  expect(after.map(({ name, state }) => [name, state])).toEqual([
    ["b1", "DOWN"],
    ["b0", "UP"],
  ]);
  expect(after[0]!.reason).toBe(before[1]!.reason);
  expect(after[1]!.connections).toEqual(before[0]!.connections);
});

it("the sticky table survives, another size included", async () => {
  const stick = (size: number) => [
    "check: { type: none }",
    `stick: { by: client-id, size: ${size} }`,
  ];
  const servers = (of: Surroundings) => [serverOf(of, 0), serverOf(of, 1)];
  const scene = await Scene.start(2, (of) => ({ servers: servers(of), pool: stick(1_000) }));
  const client = await scene.connect();
  const place = await placeOf(scene.brokers, client.clientId);
  await client.disconnect();
  for (const size of [1_000, 50_000, 10]) {
    await scene.reload({ servers: servers(scene).reverse(), pool: stick(size) });
    const { port } = scene;
    for (let i = 0; i < 2; i++) {
      const again = await RawClient.connect({ port, clientId: client.clientId });
      await again.disconnect();
    }
  }
  expect(await placesOf(scene.brokers, client.clientId, 7)).toEqual(Array(7).fill(place));
});

it("TLS ends for new clients alone: sessions stay, and who has begun is let in", async () => {
  const { server } = await certificatesOfTest();
  const certificate = `{ certificate: "${server.certFile}", key: "${server.keyFile}" }`;
  const scene = await Scene.start(2, ({ port }) => {
    const tls = `tls: { certificates: [${certificate}] }`;
    return { listeners: [`mqtt: { listen: "127.0.0.1:${port}", pool: brokers, ${tls} }`] };
  });
  const { port } = scene;
  const early = openTls({ port, clientId: "early" });
  expect(await early.outcome).toMatchObject({ accepted: true });
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  // The kernel has it; so has its worker once another client was served behind it.
  await tryTls({ port });
  await scene.reload({ servers: [scene.server(1)] });
  const late = openTls({ port, socket, clientId: "late" });
  expect(await late.outcome).toMatchObject({ accepted: true });
  expect(await placeOf(scene.brokers, "late")).toBe(0);
  expect(await scene.place()).toBe(1);
  for (const { socket } of [early, late]) {
    socket.write(Uint8Array.of(0xc0, 0));
    expect((await once(socket, "data"))[0]).toEqual(Buffer.of(0xd0, 0));
    socket.destroy();
  }
});

it("a broken file changes nothing and says why, on SIGHUP in the log", async () => {
  const scene = await Scene.start(1);
  const client = await scene.connect();
  scene.write({ servers: ["{ adress: x }", "{ address: 10.0.0.1:1, weight: heavy }"] });
  scene.fairlead.signal("SIGHUP");
  const refusal = await scene.fairlead.waitForLog("the reload is refused", ({ msg }) => {
    return String(msg).startsWith("Reload refused, nothing changed");
  });
  expect(refusal["level"]).toBe("error");
  const errors = scene.fairlead.log.filter(({ level }) => level === "error");
  expect(
    errors.map(({ msg }) => String(msg)).filter((msg) => /yaml:\d+:\d+: /.test(msg)),
  ).toHaveLength(Number(refusal["diagnostics"]));
  await expectServed(client);
  expect(await scene.place()).toBe(0);
});

it("SIGHUP reloads, and the log says what changed", async () => {
  const scene = await Scene.start(2);
  scene.write({ servers: [scene.server(1)] });
  scene.fairlead.signal("SIGHUP");
  await scene.fairlead.waitForLog(
    "the plan runs",
    ({ msg }) => msg === "Plan 2 runs on every worker",
  );
  await expect
    .poll(() => scene.fairlead.log)
    .toContainEqual(
      expect.objectContaining({ added: ["server brokers/b1"], removed: ["server brokers/b0"] }),
    );
  expect(await scene.place()).toBe(1);
});

it("`fairlead ctl reload --wait` prints what changed, or why nothing did", async () => {
  const scene = await Scene.start(2);
  const admin = `http://127.0.0.1:${scene.fairlead.adminPort}`;
  const ctl = () => runFairlead("ctl", "--admin", admin, "reload", "--wait");
  scene.write({
    servers: [scene.server(0), scene.server(1)],
    more: ["limits: { connections: 7 }"],
  });
  const applied = await ctl();
  expect(applied.exitCode).toBe(0);
  expect(applied.stdout.trim().split("\n")).toEqual([
    "+ server brokers/b1",
    "~ pool brokers",
    "! limits.connections: auto now, 7 from the next start on",
    "Plan 2 runs on every worker",
  ]);
  scene.write({ servers: ["{ address: nonsense }"] });
  const refused = await ctl();
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(/fairlead\.yaml:\d+:\d+: .*\n.*Reload refused, nothing changed/);
});

it("an address that is taken refuses the whole reload", async () => {
  const scene = await Scene.start(2);
  const { port, brokers } = scene;
  const listeners = [
    `mqtt: { listen: "127.0.0.1:${port}", pool: brokers }`,
    `taken: { listen: "${brokers[1]!.address}", pool: brokers }`,
  ];
  scene.write({ listeners, servers: [scene.server(0), "127.0.0.1:9"] });
  expect(await scene.fairlead.reload()).toMatchObject({
    outcome: "refused",
    reason: expect.stringContaining("is in use"),
  });
  for (let i = 0; i < 3; i++) expect(await scene.place()).toBe(0);
});

function serverOf({ brokers }: Surroundings, broker: number, more = ""): string {
  return `{ name: b${broker}, address: "${brokers[broker]!.address}"${more} }`;
}
