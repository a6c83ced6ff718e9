import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AdminScene } from "../../tests/fixtures/admin.ts";
import { FakeTerminal } from "../../tests/fixtures/fake-terminal.ts";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { ctlTop } from "./ctl-top.ts";

let scene: AdminScene;
beforeAll(async () => {
  scene = await AdminScene.start();
  scene.open(0, [{ clientId: "pump-1", server: 0, bytes: [10, 20], packets: [3, 4] }]);
});
afterAll(() => scene.stop());

function start(url = scene.admin.url) {
  const terminal = new FakeTerminal();
  const printer = new KeptPrinter();
  const target = { url, authorization: null };
  const ended = ctlTop({ target, printer, isJson: false }, { total: false }, terminal);
  return { terminal, printer, ended };
}

describe("fairlead ctl top", () => {
  it("shows what the API says until q, and follows keys and sizes", async () => {
    const { terminal, ended } = start();
    await expect.poll(() => terminal.isTaken).toBe(true);
    const text = () => terminal.screen.join("\n");
    expect(text()).toMatch(/^brokers\/a +no check +/m);
    expect(text()).toMatch(/^pump-1 +a +/m);
    expect(text()).toContain("clients by packets/s ");
    terminal.press("b");
    expect(text()).toContain("clients by bytes/s ");
    terminal.press("t");
    expect(text()).toContain("clients by bytes ");
    terminal.press("s");
    expect(text()).toContain("servers by connections");
    Object.assign(terminal.output, { columns: 60, rows: 12 });
    terminal.output.emit("resize");
    expect([terminal.screen.length, text()]).toEqual([12, expect.stringContaining("Fairlead at")]);
    terminal.press("q");
    expect(await ended).toBe(0);
    expect([terminal.isTaken, terminal.isRaw, terminal.isWatched]).toEqual([false, false, false]);
  });

  it("looks again each second, and says on the screen what went wrong", async () => {
    const own = await AdminScene.start();
    const { terminal, ended } = start(own.admin.url);
    await expect.poll(() => terminal.isTaken).toBe(true);
    const frames = () => terminal.text.split("\u001b[J").length;
    const first = frames();
    await expect.poll(frames).toBeGreaterThan(first);
    await own.stop();
    await expect.poll(() => terminal.screen.at(-1)).toContain("Cannot reach http://127.0.0.1");
    terminal.press("\u0003");
    expect([await ended, terminal.isTaken]).toEqual([0, false]);
  });

  it("leaves the screen alone where nobody answers or there is none", async () => {
    const { terminal, ended } = start("http://127.0.0.1:1");
    await expect(ended).rejects.toThrow("Cannot reach");
    expect(terminal.text).toBe("");
    const dumb = new FakeTerminal();
    Object.assign(dumb.output, { isTTY: false });
    const printer = new KeptPrinter();
    const target = { url: scene.admin.url, authorization: null };
    expect(await ctlTop({ target, printer, isJson: false }, { total: false }, dumb)).toBe(1);
    expect([dumb.text, printer.complaints]).toEqual([
      "",
      [expect.stringContaining("standard output is no terminal")],
    ]);
  });
});
