// `fairlead ctl top`: a screen that shows servers, rates and the busiest clients, anew each second,
// until `q` or Ctrl-C.
//
// Asks the API for totals and works out rates itself, but those of the busiest clients, which the
// API ranks by them; of clients it looks at LOOKED_AT. A look that fails is said on the screen, and
// the next one may succeed.

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
/** Clients that have the most of what counts. */
const LOOKED_AT = 200;

const TERMINAL: ScreenParts = { output: process.stdout, input: process.stdin, process };

export interface TopOptions {
  /** Clients by all that they have moved, not by what they move now. */
  readonly total: boolean;
}

/** @param parts another terminal, in tests */
export async function ctlTop(
  { target, printer }: Ctl,
  { total }: TopOptions,
  parts: ScreenParts = TERMINAL,
): Promise<ExitCode> {
  if (parts.output.isTTY !== true) {
    const instead = "fairlead ctl servers and fairlead ctl conns print the same once";
    printer.complain(`Cannot show top: standard output is no terminal; ${instead}`);
    return EXIT_PROBLEM;
  }
  // Who may not ask, or has the wrong address, is told before the screen changes.
  const first = await lookAt(target, sortOf("packets", total));
  await new Top(target, parts, { first, isTotal: total }).untilQuit();
  return EXIT_OK;
}

/** What the API calls it. */
function sortOf(order: ClientOrder, isTotal: boolean): string {
  if (order === "age") return order;
  const what = order === "packets" ? "message" : "byte";
  return isTotal ? `${what}s` : `${what}-rate`;
}

async function lookAt(target: AdminTarget, sort: string): Promise<TopSample> {
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
  private isTotal: boolean;
  private serverOrder: ServerOrder = "file";
  private timer: NodeJS.Timeout | null = null;
  private hasQuit = false;
  private onQuit = (): void => {};

  constructor(
    target: AdminTarget,
    parts: ScreenParts,
    { first, isTotal }: { readonly first: TopSample; readonly isTotal: boolean },
  ) {
    this.target = target;
    this.isTotal = isTotal;
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
      const sample = await lookAt(this.target, sortOf(this.clientOrder, this.isTotal));
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
    const { reading, clientOrder, isTotal, serverOrder, problem } = this;
    const orders = { clientOrder, isTotal, serverOrder };
    const state = { reading, ...orders, problem, url: this.target.url };
    this.screen.draw(drawTop(state, this.screen.size));
  }

  private onKey(key: string): void {
    if (key === "q" || key === "Q") {
      this.quit();
      return;
    }
    const order = CLIENT_KEYS[key];
    if (order !== undefined) this.clientOrder = order;
    if (key === "t") this.isTotal = !this.isTotal;
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
