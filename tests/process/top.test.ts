// `fairlead ctl top` on a terminal of 80 by 24, which script(1) is for it: what is on it is what
// the API says, and it is given back whatever ends the program.

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { screenOf } from "../fixtures/fake-terminal.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import { Fairlead, runFairlead } from "./fairlead.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { freePorts } from "./ports.ts";
import { waitUntil } from "./wait-until.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const RESTORED = "\u001b[?7h\u001b[?25h\u001b[?1049l";

let fairlead: Fairlead;
let port: number;

beforeAll(async () => {
  const [mqtt, adminPort] = (await freePorts(2)) as [number, number];
  port = mqtt;
  const where = ["--host", "127.0.0.1", "--port", `${port}`, "--admin", `127.0.0.1:${adminPort}`];
  fairlead = await Fairlead.start({ args: [...where, "--workers", "2"], adminPort });
});

afterAll(() => fairlead.close());

/** A program on a terminal of its own. */
class OnTerminal {
  text = "";
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;

  constructor(...args: readonly string[]) {
    const command = `stty rows 24 cols 80; exec ${[process.execPath, MAIN, ...args].join(" ")}`;
    this.child = spawnPeer("script", ["-qec", command, "/dev/null"], { stdio: "pipe" });
    this.ended = once(this.child, "close");
    this.child.stdout!.on("data", (bytes: Buffer) => {
      this.text += bytes.toString();
    });
  }

  get screen(): string[] {
    return screenOf(this.text);
  }

  press(key: string): void {
    this.child.stdin!.write(key);
  }

  /** Waits until it has ended and all that it wrote is here. */
  async untilEnd(): Promise<number | null> {
    await this.ended;
    return this.child.exitCode;
  }

  close(): Promise<void> {
    return endProcess(this.child);
  }
}

function startTop(): OnTerminal {
  const url = `http://127.0.0.1:${fairlead.adminPort}`;
  return closeAtEnd(new OnTerminal("ctl", "--url", url, "top"));
}

it("shows servers and the busiest clients with their rates, until q", async () => {
  const busy = closeAtEnd(await JsClient.connect(port, { clientId: "busy-bee" }));
  closeAtEnd(await JsClient.connect(port, { clientId: "quiet" }));
  const timer = setInterval(() => busy.client.publish("a", "x".repeat(100)), 5);
  try {
    const top = startTop();
    // The first look has no rates yet.
    const screen = await waitUntil("the busy client has a rate", () => {
      const lines = top.screen;
      const has = (row: RegExp) => lines.some((line) => row.test(line));
      const isBusy = has(/^busy-bee +node\d +\S+( \d+s)? +[1-9]\d* .* [\d.]+ k?B$/);
      return isBusy && has(/^quiet /) ? lines : null;
    });
    expect(screen).toHaveLength(24);
    for (const line of screen) expect(line.length).toBeLessThanOrEqual(80);
    const names = screen.map((line) => line.split(" ")[0]);
    expect(names.indexOf("busy-bee")).toBeLessThan(names.indexOf("quiet"));
    expect(screen.filter((line) => /^\S+\/node\d +UP/.test(line))).toHaveLength(3);
    top.press("a");
    await waitUntil("the key counts", () => top.screen.join("\n").includes("clients by age"));
    top.press("q");
    expect(await top.untilEnd()).toBe(0);
    expect(top.text.endsWith(RESTORED)).toBe(true);
  } finally {
    clearInterval(timer);
  }
});

it("gives the terminal back at Ctrl-C, and takes none that is not there", async () => {
  const top = startTop();
  await waitUntil("it is drawn", () => top.screen.length === 24);
  top.press("\u0003");
  expect(await top.untilEnd()).toBe(0);
  expect(top.text.endsWith(RESTORED)).toBe(true);
  const piped = await runFairlead("ctl", "--url", `127.0.0.1:${fairlead.adminPort}`, "top");
  expect(piped).toMatchObject({ exitCode: 1, stdout: "" });
  expect(piped.stderr).toMatch(/^Cannot show top: standard output is no terminal; /);
});
