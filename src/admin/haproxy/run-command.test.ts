import { afterAll, describe, expect, it } from "vitest";
import { writeLiveRows } from "../../../tests/fixtures/live-rows.ts";
import { startSupervised } from "../../../tests/fixtures/supervised.ts";
import { CONTROL_PLANE } from "../../shm/shared-state.ts";
import { StickTable } from "../../stick/stick-table.ts";
import { workerSeconds } from "../../supervisor/worker-clock.ts";
import { type AdminAction, Audit } from "../access/audit.ts";
import { Actions } from "../actions.ts";
import type { Level } from "./command.ts";
import { Rates } from "./rates.ts";
import { COMMANDS, help, runCommand, splitCommands } from "./run-command.ts";

const { supervisor, logger } = await startSupervised();
const told: AdminAction[] = [];
const audit = new Audit(logger, (action) => told.push(action));
const actions = new Actions({ supervisor, reloader: null, audit });
const rates = new Rates(supervisor);

afterAll(async () => {
  rates.stop();
  await supervisor.stop(0);
});

async function say(line: string, level: Level = "admin"): Promise<string> {
  const answers = splitCommands(line).map((words) =>
    runCommand(words, { supervisor, actions, rates, level, from: "unix" }),
  );
  return (await Promise.all(answers)).join("");
}

describe("splitCommands", () => {
  it("splits at semicolons and spaces, but for those behind a backslash", () => {
    expect(splitCommands(" show  stat;show info ; ;")).toEqual([
      ["show", "stat"],
      ["show", "info"],
    ]);
    expect(splitCommands("clear table t key a\\ b\\;c\\\\")).toEqual([
      ["clear", "table", "t", "key", "a b;c\\"],
    ]);
  });
});

describe("levels", () => {
  it("let nobody do more than they may", async () => {
    expect(await say("set weight brokers/a 5", "operator")).toBe("Permission denied\n");
    expect(await say("show sess", "user")).toBe("Permission denied\n");
    expect(await say("show stat", "user")).toMatch(/^# pxname/);
    expect(help("user")).not.toContain("set server");
    for (const { words } of COMMANDS) expect(help("admin")).toContain(`  ${words}`);
    expect(told).toEqual([]);
  });
});

describe("looking", () => {
  it("answers as HAProxy does", async () => {
    expect(await say("show info")).toMatch(/^Name: Fairlead\nVersion: /);
    expect(await say("sh st -1 1 -1")).toContain("mqtt,FRONTEND");
    expect(await say("show backend")).toBe("# name\nbrokers\nspare\n");
    const [version, head, first, ...rest] = (await say("show servers state brokers"))
      .trimEnd()
      .split("\n");
    expect([version, rest.length]).toEqual(["1", 1]);
    expect(head?.split(" ").length).toBe(1 + 25);
    expect(first).toMatch(/^4 brokers 1 a 127\.0\.0\.1 2 0 3 3 \d+ 1 0 0 0 0 0 0 - 1 - 0 0 - - 0$/);
    expect(await say("show servers state nobody")).toBe("Can't find backend.\n");
    expect(await say("get weight brokers/a")).toBe("3 (initial 3)\n");
    expect(await say("get weight brokers")).toBe("Require 'backend/server'.\n");
    expect(await say("show errors")).toContain("Total events captured");
    expect(await say("show ssl cert")).toBe("# filename\n");
    expect(await say("make coffee")).toMatch(/^Unknown command: 'make coffee'\n/);
  });

  it("writes statistics with the kind of each value, of those that are asked for", async () => {
    const typed = await say("show stat -1 4 -1 typed");
    expect(typed).toMatch(/^S\.4\.1\.0\.pxname\.1:KNS:str:brokers\n/);
    expect(typed).not.toMatch(/^[FB]\./m);
    const [[first]] = JSON.parse(await say("show stat -1 1 -1 json"));
    expect(first).toEqual({
      ...{ objType: "Frontend", proxyId: 2, id: 0, processNum: 1 },
      field: { pos: 0, name: "pxname" },
      tags: { origin: "Key", nature: "Name", scope: "Service" },
      value: { type: "str", value: "mqtt" },
    });
    expect(await say("show info typed")).toMatch(/^0\.Name\.1:POS:str:Fairlead\n/);
    expect(JSON.parse(await say("show info json"))[0].value.value).toBe("Fairlead");
    supervisor.health.setAdmin(0, "maintenance");
    expect(await say("show stat no-maint")).not.toContain("brokers,a,");
    supervisor.health.setAdmin(0, "ready");
    expect(await say("show stat up")).toContain("brokers,a,");
  });

  it("lists tables and their entries, and forgets them", async () => {
    const table = new StickTable(supervisor.tables.stickTables[0]!, CONTROL_PLANE);
    const now = workerSeconds();
    for (const text of ["c1", "c2"]) {
      const key = { bytes: Buffer.from(text), offset: 0, length: 2 };
      table.store(key, { server: 0, identity: 0 }, now);
    }
    expect(await say("show table")).toBe("# table: brokers, type: string, size:1000, used:2\n");
    expect(await say("show table brokers")).toMatch(
      /\n0x[0-9a-f]+: key=c[12] use=0 exp=\d+ server_id=1 server_key=a\n/,
    );
    expect((await say("show table brokers key c1")).split("\n")).toHaveLength(3);
    expect(await say("clear table brokers key c1")).toBe("");
    expect(await say("clear table brokers key c1")).toBe("Entry not found.\n");
    expect(await say("clear table brokers; show table")).toContain("used:0");
    expect(await say("show table x")).toBe("No such table\n");
  });
});

describe("changing", () => {
  const status = () => supervisor.health.status(0);

  it("sets states and weights", async () => {
    for (const [word, state] of [
      ["drain", "drain"],
      ["maint", "maintenance"],
      ["ready", "ready"],
    ] as const) {
      expect(await say(`set server brokers/a state ${word}`)).toBe("");
      expect(status().operator).toBe(state);
    }
    await say("disable server brokers/a");
    expect(status().operator).toBe("maintenance");
    await say("enable server brokers/a");
    expect(status().operator).toBe("ready");
    await say("set weight brokers/a 50%");
    expect(status().weight).toBe(2);
    await say("set server brokers/a weight 7");
    expect(status().weight).toBe(7);
    await say("set maxconn server brokers/a 9");
    expect(supervisor.shared.servers.connectionsMax(0)).toBe(9);
    expect(told.at(-1)).toMatchObject({ by: "haproxy-socket", target: "brokers/a" });
  });

  it("sets rates of the process, until the file is read again", async () => {
    const limitsShown = async () => (await say("show info")).match(/\S+RateLimit: \d+/g);
    expect(await say("set rate-limit connections global 100")).toBe("");
    expect(supervisor.settings.limits.accepts).toEqual({ perSecond: 100, burst: 5 });
    expect(await say("set rate-limit ssl-sessions global 7")).toBe("");
    expect(told.at(-1)).toMatchObject({ action: "rate-limit", target: "limits.tlsAccepts" });
    const limits = ["ConnRateLimit: 100", "SessRateLimit: 100", "SslRateLimit: 7"];
    expect(await limitsShown()).toEqual(limits);
    expect(await say("set rate-limit sessions global 0")).toBe("");
    expect(supervisor.settings.limits.accepts).toBeNull();
    const none = ["ConnRateLimit: 0", "SessRateLimit: 0", "SslRateLimit: 7"];
    expect(await limitsShown()).toEqual(none);
  });

  it.each([
    ["set server brokers/a state up", "expects 'ready', 'drain' and 'maint'"],
    ["set weight brokers/a 257", "between 0 and 256"],
    ["set weight brokers/a -1", "Require <weight>"],
    ["set server brokers/x state ready", "No such server."],
    ["set server nobody/a state ready", "No such backend."],
    ["set server brokers/a colour red", "only supports"],
    ["set server brokers/a health up", "health checks are not enabled"],
    ["set server brokers/a health well", "expects 'up'"],
    ["set server brokers/a addr nowhere", "Invalid addr 'nowhere'"],
    ["set server brokers/a addr", "requires an address"],
    ["enable health brokers/a", "Health check was not configured"],
    ["show stat coffee", "Cannot write statistics as 'coffee'"],
    ["set maxconn server brokers/a many", "Require a number"],
    ["set rate-limit", "only supports 'connections global', 'sessions global', 'ssl-sessions"],
    ["set rate-limit sessions mqtt 5", "only supports"],
    ["set rate-limit sessions global", "Expects an integer value."],
    ["set rate-limit sessions global -3", "Require a number from 0"],
    ["shutdown session 0x1", "No such session"],
  ])("%s: %s", async (line, answer) => {
    expect(await say(line)).toContain(answer);
  });

  it("moves a server to another address", async () => {
    expect(await say("set server spare/c addr 127.0.0.2 port 9")).toBe(
      "IP changed from '127.0.0.1' to '127.0.0.2', port changed from '3' to '9' " +
        "by 'stats socket command'\n",
    );
    const { roster } = supervisor;
    const addresses = roster.servers.map((number) => roster.settings.servers[number]!.address);
    expect(addresses).toContain("127.0.0.2:9");
    expect(addresses).not.toContain("127.0.0.1:3");
  });

  it("ends sessions by the ids that it shows", async () => {
    const { live, connectionsMax } = supervisor;
    writeLiveRows(live.bufferOf(1), connectionsMax, [{ server: 0 }, { server: 1 }]);
    const shown = (await say("show sess")).split("\n").filter((line) => line !== "");
    expect(shown).toHaveLength(2);
    expect(shown[0]).toMatch(/^0x[0-9a-f]{18}: proto=tcpv4 src=127\.0\.0\.1:50000 fe=mqtt/);
    const id = shown[0]!.split(":")[0];
    expect(await say(`show sess ${id}`)).toBe(`${shown[0]}\n`);
    expect(await say(`shutdown session ${id}`)).toBe("");
    expect(told.at(-1)).toMatchObject({ action: "connection-end" });
    expect(await say("shutdown sessions server brokers/b")).toBe("");
    expect(told.at(-1)).toMatchObject({ action: "connections-end", detail: { count: 1 } });
  });
});
