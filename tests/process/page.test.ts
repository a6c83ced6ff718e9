// The page in a browser, before a Fairlead with real brokers and clients that talk.
import { randomBytes, scryptSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { IClientOptions } from "mqtt";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { formatPasswordHash } from "../../src/config/credential.ts";
import { type Balancer, fetchServerViews, startBalancer } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, type LogEntry } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { openPage, shareBrowser } from "./page-browser.ts";
import { freePorts } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

shareBrowser();

/** Three brokers and a balancer before them. */
async function startScene(more: readonly string[] = []): Promise<Balancer> {
  const brokers = await Promise.all([1, 2, 3].map(() => Mosquitto.start()));
  const servers = brokers.map((broker, i) => {
    return `{ name: b${i + 1}, address: "${closeAtEnd(broker).address}" }`;
  });
  const pool = [
    "balance: least-connections",
    "check: { type: mqtt, interval: 500ms, timeout: 1m }",
    ...more,
  ];
  return startBalancer({ servers, pool });
}

/** Clients that publish to themselves, over and over, and come back when they are cut off. */
async function startClients(port: number, count: number): Promise<void> {
  const options: IClientOptions = { reconnectPeriod: 200 };
  for (let i = 0; i < count; i++) {
    const { client } = closeAtEnd(
      await JsClient.connect(port, { ...options, clientId: `sensor-${i}` }),
    );
    const timer = setInterval(() => client.connected && client.publish("here", `${i}`), 100);
    closeAtEnd({ close: () => clearInterval(timer) });
  }
}

const OPERATOR = { username: "ops", password: "secret" };

/** One whose page only lets an operator change things, who has to log in. */
async function startGuarded(server: string, listener = ""): Promise<Balancer> {
  const [port, adminPort] = (await freePorts(2)) as [number, number];
  const operator = `{ role: operator, password: "${hashOf(OPERATOR.password)}" }`;
  const config = [
    `admin: { listen: "127.0.0.1:${adminPort}", anonymous: read-only,`,
    `  users: { ${OPERATOR.username}: ${operator} } }`,
    `listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: brokers, ${listener} } }`,
    `pools: { brokers: { check: { type: none }, servers: ["${server}"] } }`,
  ].join("\n");
  return { port, fairlead: closeAtEnd(await Fairlead.start({ config, adminPort })) };
}

/** Changes a server by the API. */
async function change({ fairlead }: Balancer, server: string, what: object): Promise<void> {
  const url = `http://127.0.0.1:${fairlead.adminPort}/api/v1/pools/brokers/servers/${server}`;
  const headers = { "content-type": "application/json" };
  const { ok } = await fetch(url, { method: "PATCH", headers, body: JSON.stringify(what) });
  expect(ok).toBe(true);
}

function cellOf(page: Page, server: string, column: string) {
  return page.locator(`tr:has(th:has-text("${server}")) td[data-label="${column}"]`);
}

/** The number that stands first in a cell. */
async function countIn(page: Page, server: string, column: string): Promise<number> {
  const text = await cellOf(page, server, column).first().innerText();
  return Number(text.split("\n", 1)[0]);
}

it("shows under load what the API says, and asks nobody else for anything", async () => {
  const { fairlead, port } = await startScene();
  await startClients(port, 10);
  const { page, complaints, requests } = await openPage(fairlead.adminPort);
  const views = await fetchServerViews(fairlead);
  expect(views.map(({ connections }) => connections.active).toSorted()).toEqual([3, 3, 4]);
  for (const { name, connections } of views) {
    await waitUntil(`the page says how many connections ${name} has`, async () => {
      return (await countIn(page, name, "Connections")) === connections.active;
    });
    await expect.poll(() => cellOf(page, name, "State").innerText()).toContain("UP");
  }
  await waitUntil("messages have a rate", async () => {
    const card = page.locator(".card", { hasText: "Messages a second" }).locator(".line-0").first();
    return Number((await card.innerText()).replaceAll(/[^\d.]/g, "")) > 0;
  });
  await page.locator("tr", { hasText: "sensor-" }).first().waitFor();
  await expect.poll(() => page.locator("#clients ~ .scroll tbody tr").count()).toBe(10);
  const own = `http://127.0.0.1:${fairlead.adminPort}/`;
  const foreign = requests.filter((url) => !url.startsWith(own));
  expect({ complaints, foreign }).toEqual({ complaints: [], foreign: [] });
});

it("shows what is said in MQTT, as the API has it", async () => {
  const { fairlead, port } = await startScene();
  for (const [i, protocolVersion] of ([4, 5, 5] as const).entries()) {
    const options = { clientId: `talker-${i}`, protocolVersion, keepalive: 30, clean: i > 0 };
    const { client } = closeAtEnd(await JsClient.connect(port, options));
    await client.subscribeAsync("a", { qos: 1 });
    await client.publishAsync("a", "x".repeat(100), { qos: 1, retain: true });
    await client.endAsync();
  }
  const { page } = await openPage(fairlead.adminPort);
  const { fromClients, connacks } = JSON.parse(await fairlead.fetchPage("/api/v1/mqtt"));
  const rowsOf = async (id: string) => {
    const rows = page.locator(`section[aria-labelledby="${id}"] tbody tr`);
    return (await rows.allInnerTexts()).map((row) => row.split("\t").map((cell) => cell.trim()));
  };
  const cells = async (id: string) => Object.fromEntries(await rowsOf(id));
  const { connect, publish, subscribe } = fromClients.packets;
  expect([connect, publish, subscribe, connacks.fromServers[0].count]).toEqual([3, 3, 3, 3]);
  await expect
    .poll(() => cells("packets"))
    .toMatchObject({
      ...{ CONNECT: `${connect}`, PUBLISH: `${publish}`, SUBSCRIBE: `${subscribe}` },
    });
  expect(await cells("publishes")).toMatchObject({
    ...{ "QoS 0": "0", "QoS 1": "3", Retained: "3", "Size of half of them": "≤ 128 B" },
  });
  expect(await cells("connects")).toMatchObject({
    ...{ "MQTT 3.1": "0", "MQTT 3.1.1": "1", "MQTT 5.0": "2", "Clean start": "2", Takeovers: "0" },
    "Keep alive: up to 30 s": "3",
  });
  expect(await rowsOf("connacks")).toEqual([["0", "accepted", "3", "0"]]);
  const times = await Promise.all(
    ["b1", "b2", "b3"].map((name) => cellOf(page, name, "CONNACK after").first().innerText()),
  );
  expect(times.every((words) => /^≤ [\d.]+ m?s\n99 % ≤/.test(words))).toBe(true);
});

it("drains a server by keyboard, and its connections when they are ended", async () => {
  const { fairlead, port } = await startScene();
  await startClients(port, 9);
  const { page } = await openPage(fairlead.adminPort);
  const button = page.getByRole("button", { name: "Change brokers/b2" });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
  await expect.poll(() => button.evaluate((element) => element.matches(":focus"))).toBe(true);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Drain brokers/b2" }).click();
  await page.getByText("Done: Drain brokers/b2").waitFor();
  await cellOf(page, "b2", "State").getByText("draining").waitFor();
  await button.click();
  await page.getByRole("radio", { name: /End connections/ }).check();
  await page.getByRole("button", { name: "End all connections of brokers/b2" }).click();
  await waitUntil("the page says that nobody is left", async () => {
    return (await countIn(page, "b2", "Connections")) === 0;
  });
  await waitUntil("its clients are with the others", async () => {
    const counts = (await fetchServerViews(fairlead)).map(({ connections }) => connections.active);
    return counts[0]! + counts[2]! === 9 && counts[1] === 0;
  });
  const actions = () => fairlead.log.filter(({ event }) => event === "admin-action");
  await expect
    .poll(() => actions().map(({ by, target }) => [by, target]))
    .toEqual([
      ["anonymous", "brokers/b2"],
      ["anonymous", "brokers/b2"],
    ]);
});

it("says how fast a listener lets clients in", async () => {
  const { fairlead } = await startGuarded("127.0.0.1:1", "accepts: { rate: 50/s }");
  const { page } = await openPage(fairlead.adminPort);
  const connects = cellOf(page, "mqtt", "Connects").first();
  await expect.poll(() => connects.innerText()).toMatch(/^0\/s of 50\/s\s+0 ever$/);
});

it("empties a server at the pace of its pool", async () => {
  const { fairlead, port } = await startScene();
  await startClients(port, 9);
  const { page } = await openPage(fairlead.adminPort);
  await page.getByRole("button", { name: "Change brokers/b3" }).click();
  await page.getByRole("radio", { name: /Empty/ }).check();
  await page.getByRole("button", { name: "Empty brokers/b3" }).click();
  await page.getByText("Done: Empty brokers/b3").waitFor();
  await waitUntil("the page says that nobody is left", async () => {
    return (await countIn(page, "b3", "Connections")) === 0;
  });
  await waitUntil("its clients are with the others", async () => {
    const counts = (await fetchServerViews(fairlead)).map(({ connections }) => connections.active);
    return counts[0]! + counts[1]! === 9 && counts[2] === 0;
  });
  await cellOf(page, "b3", "State").getByText("draining").waitFor();
});

it("shows how far emptying has come, and stops it", async () => {
  const { fairlead, port } = await startScene(["drain: { rate: 20/m }"]);
  await startClients(port, 30);
  const { page } = await openPage(fairlead.adminPort);
  const button = page.getByRole("button", { name: "Change brokers/b3" });
  await button.click();
  await page.getByRole("radio", { name: /^Empty/ }).check();
  await page.getByRole("button", { name: "Empty brokers/b3" }).click();
  await cellOf(page, "b3", "State").getByText("emptying").waitFor();
  await cellOf(page, "b3", "State")
    .getByText(/[1-9]\d? % of 10 have gone, .* left/)
    .waitFor();
  await button.click();
  expect(await page.getByRole("radio", { name: /Stop emptying/ }).isChecked()).toBe(true);
  await page.getByRole("button", { name: "Stop sending away clients of brokers/b3" }).click();
  await page.getByText("Done: Stop sending away clients").waitFor();
  await cellOf(page, "b3", "State").getByText("draining").waitFor();
  expect(await countIn(page, "b3", "Connections")).toBeGreaterThan(0);
  await expect
    .poll(() => fairlead.log.filter(({ event }) => event === "admin-action"))
    .toMatchObject([{ action: "server-empty" }, { action: "server-empty-stop" }]);
});

it("rebalances a pool: a server that has come back gets its share", async () => {
  const scene = await startScene(["rebalance: { band: 5, rate: 20/s }"]);
  const { fairlead, port } = scene;
  await change(scene, "b3", { state: "maintenance" });
  await startClients(port, 12);
  await change(scene, "b3", { state: "ready" });
  const { page } = await openPage(fairlead.adminPort);
  await waitUntil("nobody is there", async () => (await countIn(page, "b3", "Connections")) === 0);
  await page.getByRole("button", { name: "Rebalance brokers" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Rebalance brokers" }).click();
  await page.getByText("Done: Rebalance brokers").waitFor();
  await waitUntil("each has its share", async () => {
    const counts = (await fetchServerViews(fairlead)).map(({ connections }) => connections.active);
    return counts.every((count) => count === 4);
  });
  await waitUntil("the page says so", async () => (await countIn(page, "b3", "Connections")) === 4);
});

it("shows who waits for a place", async () => {
  const scene = await startScene(["queue: { timeout: 1h }"]);
  const { fairlead, port } = scene;
  const { page } = await openPage(fairlead.adminPort);
  for (const name of ["b1", "b2", "b3"]) await change(scene, name, { connectionsMax: 1 });
  await startClients(port, 3);
  const waiting = JsClient.connect(port, { clientId: "patient" });
  await page.getByText("1 client waits for a place, 1 of them for any server").waitFor();
  await change(scene, "b1", { connectionsMax: 0 });
  closeAtEnd(await waiting);
});

it("shows who is banned, and for how long", async () => {
  const broker = closeAtEnd(await Mosquitto.start({ config: ["allow_anonymous false"] }));
  const listener = "bans: { perClientId: { failures: 2/m, time: 1h } }";
  const { fairlead, port } = await startBalancer({ servers: [broker.address], listener });
  const { page } = await openPage(fairlead.adminPort);
  const panel = page.locator('section[aria-labelledby="bans"]');
  await expect.poll(() => panel.innerText()).toContain("Nobody is banned.");
  for (let visit = 0; visit < 2; visit++) {
    await expect(JsClient.connect(port, { clientId: "guess" })).rejects.toMatchObject({ code: 5 });
  }
  await panel.locator("tr", { hasText: "guess" }).waitFor();
  const text = await panel.innerText();
  expect(text).toContain("Banned: 1");
  expect(text).toMatch(/guess\s+client-id\s.*(1 h|59 min).*\s2\s+server-refused/s);
});

it("lifts a ban, for those who may change things", async () => {
  const broker = closeAtEnd(await Mosquitto.start({ config: ["allow_anonymous false"] }));
  const bans = "bans: { perClientId: { failures: 2/h, time: 1h } }";
  const { fairlead, port } = await startGuarded(broker.address, bans);
  const clientId = "floor 2/pump";
  const comeInVain = () =>
    expect(JsClient.connect(port, { clientId })).rejects.toMatchObject({ code: 5 });
  const reasons = () => fairlead.log.filter(({ event }) => event === "connection").map(reasonOf);
  const refused = ["server-refused", "server-refused"];
  for (const _ of refused) await comeInVain();
  // A failure counts once its connection has ended, which is later than the client knows of it.
  await expect.poll(reasons).toEqual(refused);
  await comeInVain();
  await expect.poll(reasons).toEqual([...refused, "banned"]);

  const { page } = await openPage(fairlead.adminPort, { httpCredentials: OPERATOR });
  const panel = page.locator('section[aria-labelledby="bans"]');
  await panel.locator("tr", { hasText: clientId }).waitFor();
  const lift = panel.getByRole("button", { name: `Lift the ban of ${clientId} at mqtt` });
  expect(await lift.count()).toBe(0);
  await page.getByRole("link", { name: "Log in" }).click();
  await lift.click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Clients of this client id may connect again").waitFor();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await dialog.waitFor({ state: "hidden" });
  await lift.click();
  await dialog.getByRole("button", { name: "Lift the ban" }).click();
  await page.getByText(`Done: Lift the ban of ${clientId} at mqtt`).waitFor();
  await panel.getByText("Nobody is banned.").waitFor();

  await comeInVain();
  await expect.poll(() => reasons().at(3)).toBe("server-refused");
  const target = `mqtt/client-id/${clientId}`;
  await expect
    .poll(() => fairlead.log.filter(({ event }) => event === "admin-action"))
    .toMatchObject([{ by: "ops", action: "ban-lifted", target }]);
});

function reasonOf({ reason }: LogEntry): unknown {
  return reason;
}

it("changes a weight, and ends one client's connection", async () => {
  const { fairlead, port } = await startScene();
  await startClients(port, 3);
  const { page } = await openPage(fairlead.adminPort);
  await page.getByRole("button", { name: "Change brokers/b1" }).click();
  await page.getByRole("radio", { name: /Weight/ }).check();
  await page.getByLabel(/New weight/).fill("7");
  await page.getByRole("button", { name: "Change the weight of brokers/b1" }).click();
  await waitUntil("the weight is shown", async () => (await countIn(page, "b1", "Weight")) === 7);
  await page.getByLabel(/Client id begins with/).fill("sensor-2");
  await page.getByText("1 of 1 with an id").waitFor();
  await page.getByRole("button", { name: "End the connection of sensor-2" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End the connection" }).click();
  await page.getByText("Done: End the connection of sensor-2").waitFor();
  await fairlead.waitForLog("it was ended by the operator", (entry) => {
    return entry["clientId"] === "sensor-2" && entry["reason"] === "killed-by-admin";
  });
});

it("survives the balancer's restart without being loaded again", async () => {
  const { fairlead, port } = await startScene();
  const { page } = await openPage(fairlead.adminPort);
  await page.evaluate("globalThis.isSame = true");
  const broker = closeAtEnd(await Mosquitto.start());
  await fairlead.stop("SIGKILL");
  await page.locator(".link.away").waitFor();
  const { adminPort } = fairlead;
  const config = [
    `admin: { listen: "127.0.0.1:${adminPort}" }`,
    `listeners: { mqtt: { listen: "127.0.0.1:${port}", pool: brokers } }`,
    `pools: { brokers: { servers: [{ name: other, address: "${broker.address}" }] } }`,
  ].join("\n");
  const next = closeAtEnd(await Fairlead.start({ config, adminPort }));
  await page.locator(".link.live").waitFor();
  await page.getByText(`process ${next.pid}`).waitFor();
  await page.getByRole("button", { name: "Change brokers/other" }).waitFor();
  expect(await page.evaluate("globalThis.isSame")).toBe(true);
});

it("lets those who may only look log in, and then change things", async () => {
  const { fairlead } = await startGuarded("127.0.0.1:1");
  const { page } = await openPage(fairlead.adminPort, { httpCredentials: OPERATOR });
  await page.getByText("anonymous may look").waitFor();
  const buttons = page.getByRole("button", { name: /Change|End/ });
  expect(await buttons.count()).toBe(0);
  await page.getByRole("link", { name: "Log in" }).click();
  await page.getByText("ops may change things").waitFor();
  await buttons.first().click();
  await page.getByRole("radio", { name: /Maintenance/ }).check();
  await page.getByRole("button", { name: /^Put into maintenance/ }).click();
  await page.getByText("Done: Put into maintenance").waitFor();
  await fairlead.waitForLog("who did it is in the log", ({ event, by }) => {
    return event === "admin-action" && by === "ops";
  });
});

it.each([
  ["light", 1440],
  ["dark", 1440],
  ["light", 390],
] as const)("is accessible, as axe judges: %s, %i wide", async (colorScheme, width) => {
  const { fairlead, port } = await startScene();
  await startClients(port, 3);
  const viewport = { width, height: 900 };
  const { page } = await openPage(fairlead.adminPort, { colorScheme, viewport });
  await page.locator("tr", { hasText: "sensor-" }).first().waitFor();
  expect(await violationsIn(page)).toEqual([]);
  await page.getByRole("button", { name: "Change brokers/b1" }).click();
  await page.getByRole("dialog").waitFor();
  expect(await violationsIn(page)).toEqual([]);
  const overhang = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
  expect(await page.evaluate(overhang)).toBe(0);
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
}

async function violationsIn(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResult>("axe.run()");
  return violations.map(({ id, impact, nodes: [first] }) => {
    return `${impact} ${id}: ${first?.html} ${first?.failureSummary}`;
  });
}

function hashOf(password: string): string {
  const salt = randomBytes(16);
  const hash = scryptSync(password, salt, 32, { N: 2 ** 12, r: 8, p: 1 });
  return formatPasswordHash({ log2Cost: 12, blockSize: 8, parallelism: 1, salt, hash });
}
