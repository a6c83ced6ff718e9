// The terminal as a screen of its own: entered, drawn on, read key by key, and left as it was,
// whatever ends the program (ECMA-48; xterm's alternate screen).
//
// Bounded by the terminal. Knows nothing of what is drawn.

import type { EventEmitter } from "node:events";
import type { TopLine } from "./top-view.ts";

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const CLEAR_TO_EDGE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";
const RESET = "\u001b[0m";
const STYLES: Readonly<Record<TopLine["kind"], string>> = {
  plain: "",
  heading: "\u001b[7m",
  bad: "\u001b[1;31m",
  keys: "\u001b[2m",
};
/** What a terminal has that does not say. */
const COLUMNS = 80;
const ROWS = 24;
const CTRL_C = "\u0003";
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What is needed of process.stdout. */
export interface ScreenOutput extends Pick<EventEmitter, "on" | "off"> {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
}

/** What is needed of process.stdin; `setRawMode` is there where it is a terminal. */
export interface ScreenInput extends Pick<EventEmitter, "on" | "off"> {
  setRawMode?(isRaw: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
  unref?(): unknown;
}

export interface ScreenParts {
  readonly output: ScreenOutput;
  readonly input: ScreenInput;
  /** Where signals and the end of the process come from. */
  readonly process: Pick<EventEmitter, "on" | "off">;
}

export interface ScreenHandler {
  /** One key, or what a paste brought. */
  onKey(key: string): void;
  onResize(): void;
  /** Ctrl-C, or a signal that ends. */
  onEnd(): void;
}

export class FullScreen {
  private readonly parts: ScreenParts;
  private readonly handler: ScreenHandler;
  private isOpen = false;

  constructor(parts: ScreenParts, handler: ScreenHandler) {
    this.parts = parts;
    this.handler = handler;
  }

  get size(): { readonly columns: number; readonly rows: number } {
    const { columns, rows } = this.parts.output;
    // A terminal of no size is one that does not say.
    return { columns: columns || COLUMNS, rows: rows || ROWS };
  }

  open(): void {
    const { output, input, process } = this.parts;
    this.isOpen = true;
    output.write(ENTER);
    input.setRawMode?.(true);
    input.resume();
    input.on("data", this.onData);
    output.on("resize", this.onResize);
    for (const signal of ENDING_SIGNALS) process.on(signal, this.onSignal);
    // Whatever ends the process, the terminal is its owner's again.
    process.on("exit", this.onExit);
  }

  draw(lines: readonly TopLine[]): void {
    const text = lines.map(({ kind, text: of }) => {
      const style = STYLES[kind];
      const shown = style === "" ? of : `${style}${of}${RESET}`;
      return `${shown}${CLEAR_TO_EDGE}`;
    });
    // No line end behind the last line: it would move the screen.
    this.parts.output.write(`${HOME}${text.join("\r\n")}${CLEAR_BELOW}`);
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { output, input, process } = this.parts;
    input.off("data", this.onData);
    input.setRawMode?.(false);
    input.pause();
    output.off("resize", this.onResize);
    for (const signal of ENDING_SIGNALS) process.off(signal, this.onSignal);
    process.off("exit", this.onExit);
    output.write(LEAVE);
  }

  private readonly onData = (bytes: Buffer): void => {
    const keys = bytes.toString();
    if (keys.includes(CTRL_C)) this.handler.onEnd();
    else this.handler.onKey(keys);
  };

  private readonly onResize = (): void => this.handler.onResize();
  private readonly onSignal = (): void => this.handler.onEnd();
  private readonly onExit = (): void => this.close();
}
