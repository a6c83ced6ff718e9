// `fairlead ctl top`: a screen that shows servers, rates and the busiest clients, anew each second,
// until `q` or Ctrl-C.
//
// Asks the API for totals and works out rates itself; of clients it looks at LOOKED_AT. A look that
// fails is said on the screen, and the next one may succeed.

import { type AdminTarget, askAdmin } from "./admin-client.ts";
import type { Ctl } from "./ctl-target.ts";
import { EXIT_OK, EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { FullScreen, type ScreenParts } from "./full-screen.ts";
import { describeError } from "./printer.ts";
import { readTop, type TopReading, type TopSample } from "./top-readings.ts";
import {
  CLIENT_KEYS,
  type ClientOrder,
  drawTop,
  SERVER_ORDERS,
  type ServerOrder,
} from "./top-view.ts";

const LOOK_EVERY_MS = 1_000;
/** Clients that have the most packets, or whatever else counts; the busiest are among them. */
const LOOKED_AT = 200;

const TERMINAL: ScreenParts = { output: process.stdout, input: process.stdin, process };

/** @param parts another terminal, in tests */
export async function ctlTop(
  { target, printer }: Ctl,
  parts: ScreenParts = TERMINAL,
): Promise<ExitCode> {
  if (parts.output.isTTY !== true) {
    const instead = "fairlead ctl servers and fairlead ctl conns print the same once";
    printer.complain(`Cannot show top: standard output is no terminal; ${instead}`);
    return EXIT_PROBLEM;
  }
  // Who may not ask, or has the wrong address, is told before the screen changes.
  const first = await lookAt(target, "packets");
  await new Top(target, parts, first).untilQuit();
  return EXIT_OK;
}

async function lookAt(target: AdminTarget, order: ClientOrder): Promise<TopSample> {
  const sort = order === "packets" ? "messages" : order;
  const [summary, { pools }, { connections }] = await Promise.all([
    askAdmin<TopSample["summary"]>(target, "/api/v1/summary"),
    askAdmin<Pick<TopSample, "pools">>(target, "/api/v1/servers"),
    askAdmin<Pick<TopSample, "connections">>(
      target,
      `/api/v1/connections?sort=${sort}&limit=${LOOKED_AT}`,
    ),
  ]);
  return { atMs: performance.now(), summary, pools, connections };
}

class Top {
  private readonly target: AdminTarget;
  private readonly screen: FullScreen;
  private sample: TopSample;
  private reading: TopReading;
  private problem: string | null = null;
  private clientOrder: ClientOrder = "packets";
  private serverOrder: ServerOrder = "file";
  private timer: NodeJS.Timeout | null = null;
  private hasQuit = false;
  private onQuit = (): void => {};

  constructor(target: AdminTarget, parts: ScreenParts, first: TopSample) {
    this.target = target;
    this.sample = first;
    this.reading = readTop(first, null);
    this.screen = new FullScreen(parts, {
      onKey: (key) => this.onKey(key),
      onResize: () => this.draw(),
      onEnd: () => this.quit(),
    });
  }

  async untilQuit(): Promise<void> {
    this.screen.open();
    try {
      this.draw();
      this.lookLater();
      await new Promise<void>((resolve) => {
        this.onQuit = resolve;
      });
    } finally {
      if (this.timer !== null) clearTimeout(this.timer);
      this.screen.close();
    }
  }

  private lookLater(): void {
    this.timer = setTimeout(() => void this.look(), LOOK_EVERY_MS);
  }

  private async look(): Promise<void> {
    try {
      const sample = await lookAt(this.target, this.clientOrder);
      this.reading = readTop(sample, this.sample);
      this.sample = sample;
      this.problem = null;
    } catch (error) {
      this.problem = describeError(error);
    }
    if (this.hasQuit) return;
    this.draw();
    this.lookLater();
  }

  private draw(): void {
    const { reading, clientOrder, serverOrder, problem } = this;
    const state = { reading, clientOrder, serverOrder, problem, url: this.target.url };
    this.screen.draw(drawTop(state, this.screen.size));
  }

  private onKey(key: string): void {
    if (key === "q" || key === "Q") {
      this.quit();
      return;
    }
    const order = CLIENT_KEYS[key];
    if (order !== undefined) this.clientOrder = order;
    if (key === "s") {
      const next = SERVER_ORDERS.indexOf(this.serverOrder) + 1;
      this.serverOrder = SERVER_ORDERS[next % SERVER_ORDERS.length]!;
    }
    this.draw();
  }

  private quit(): void {
    this.hasQuit = true;
    this.onQuit();
  }
}
