import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSupervised } from "../../../tests/fixtures/supervised.ts";
import { waitUntil } from "../../../tests/process/wait-until.ts";
import { Audit } from "../access/audit.ts";
import { Actions } from "../actions.ts";
import { HaproxySocket } from "./haproxy-socket.ts";
import { Rates } from "./rates.ts";

const { supervisor, logger, lines } = await startSupervised();
const rates = new Rates(supervisor);
const audit = new Audit(logger, () => {});
const actions = new Actions({ supervisor, reloader: null, audit });
const parts = { supervisor, rates, audit, actions };
const folder = mkdtempSync(join(tmpdir(), "fairlead-socket-"));
const path = join(folder, "f.sock");
const settings = { address: { kind: "unix", path }, level: "admin", mode: 0o600 } as const;

let socket: HaproxySocket;

beforeAll(async () => {
  socket = await HaproxySocket.start(settings, parts);
});

afterAll(async () => {
  await socket.stop();
  rates.stop();
  await supervisor.stop(0);
  rmSync(folder, { recursive: true });
});

/** @returns all that came until the other side closed */
function say(text: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    const client = connect(path, () => client.write(text));
    client.on("data", (bytes) => {
      answer += bytes;
    });
    client.on("error", () => {});
    client.on("close", () => resolve(answer));
  });
}

describe("HaproxySocket", () => {
  it("answers one line, each command with an empty line behind it, and closes", async () => {
    expect(await say("show backend; set weight brokers/a 3\nshow info\n")).toBe(
      "# name\nbrokers\nspare\n\n\n",
    );
    expect(await say("help\n")).toContain("show servers state [BACKEND]");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("stays where somebody has said prompt, until quit", async () => {
    expect(await say("prompt\nshow version\nset timeout cli 10\nquit\n")).toMatch(
      /^\n> \d+\.\d+\.\d+\S*\n\n\n> \n\n> $/,
    );
  });

  it("hangs up on a line without an end, and counts it", async () => {
    expect(await say("x".repeat(20_000))).toBe("");
    expect(audit.refusals.get(413)).toBe(1);
  });

  it("takes 32 clients at once, and counts those that it refuses", async () => {
    const clients = Array.from({ length: 32 }, () => connect(path));
    await Promise.all(clients.map((client) => once(client, "connect")));
    expect(await say("show version\n")).toBe("");
    expect(audit.refusals.get(503)).toBe(1);
    expect(lines.at(-1)).toMatchObject({
      event: "admin-refused",
      reason: "HAProxy socket: 32 clients are connected",
    });
    for (const client of clients) client.destroy();
    await waitUntil("there is room again", async () => (await say("show version\n")) !== "");
  });

  it("takes the place of a socket that nobody answers, and no other", async () => {
    await expect(HaproxySocket.start(settings, parts)).rejects.toThrow(
      `Cannot bind admin.haproxySocket: ${path} is in use`,
    );
    expect(await say("show version\n")).not.toBe("");
  });

  it("says that its folder is not there", async () => {
    const missing = join(folder, "none", "f.sock");
    const address = { kind: "unix", path: missing } as const;
    const { message } = (await HaproxySocket.start({ ...settings, address }, parts).catch(
      (error: Error) => error as Error,
    )) as Error;
    expect(message).toBe(
      `Cannot bind admin.haproxySocket: ${missing} is in a folder that does not exist, ` +
        `"${join(folder, "none")}"`,
    );
  });
});
