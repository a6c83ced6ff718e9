import { describe, expect, it } from "vitest";
import { FakeTerminal } from "../../tests/fixtures/fake-terminal.ts";
import { FullScreen } from "./full-screen.ts";

function open() {
  const terminal = new FakeTerminal(40, 10);
  const told: string[] = [];
  const screen = new FullScreen(terminal, {
    onKey: (key) => told.push(key),
    onResize: () => told.push("resize"),
    onEnd: () => told.push("end"),
  });
  screen.open();
  return { terminal, told, screen };
}

describe("FullScreen", () => {
  it("takes the screen, draws, and leaves all as it was", () => {
    const { terminal, screen } = open();
    expect([terminal.isTaken, terminal.isRaw, screen.size]).toEqual([
      true,
      true,
      { columns: 40, rows: 10 },
    ]);
    screen.draw([
      { kind: "heading", text: "a" },
      { kind: "bad", text: "b" },
    ]);
    expect(terminal.screen).toEqual(["a", "b"]);
    expect(terminal.text.endsWith("\n")).toBe(false);
    screen.close();
    screen.close();
    expect([terminal.isTaken, terminal.isRaw, terminal.isWatched]).toEqual([false, false, false]);
    expect(terminal.text.endsWith("\u001b[?7h\u001b[?25h\u001b[?1049l")).toBe(true);
  });

  it("hands on keys and sizes, and tells of Ctrl-C and signals", () => {
    const { terminal, told } = open();
    terminal.press("p");
    terminal.output.emit("resize");
    terminal.press("\u0003");
    terminal.process.emit("SIGTERM");
    expect(told).toEqual(["p", "resize", "end", "end"]);
  });

  it("gives the terminal back when the process ends otherwise", () => {
    const { terminal } = open();
    terminal.process.emit("exit");
    expect([terminal.isTaken, terminal.isRaw]).toEqual([false, false]);
  });

  it("takes a terminal that says no size for a usual one", () => {
    const { screen, terminal } = open();
    Object.assign(terminal.output, { columns: 0, rows: undefined });
    expect(screen.size).toEqual({ columns: 80, rows: 24 });
  });
});
