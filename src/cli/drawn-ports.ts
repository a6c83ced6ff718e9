// Ports that were not named are drawn, and drawn again where somebody was faster to bind one.
//
// Bounded by DRAWS_MAX. A port that was named is never replaced: that it is taken is an error at
// once, as is whatever else keeps things from starting.

import { NodeBindError } from "../quickstart/node-bind-error.ts";
import { BindError } from "../supervisor/listener-sockets.ts";
import { findFreePorts } from "./free-ports.ts";

/** Each draw takes ports that were free a moment ago: who loses this often has another problem. */
const DRAWS_MAX = 10;

/** Finds the first of so many ports in a row; tests put another one in its place. */
export type DrawPorts = typeof findFreePorts;

export interface PortWish {
  /** The first of them; 0: draw them. */
  readonly port: number;
  /** How many in a row. */
  readonly count: number;
}

type Wishes<Name extends string> = Readonly<Record<Name, PortWish>>;
type Ports<Name extends string> = Readonly<Record<Name, number>>;

export interface Drawing<Name extends string, Started> {
  readonly wishes: Wishes<Name>;
  /** Ports that are bound beside them and are never drawn. */
  readonly beside: readonly number[];
  /** Binds them all. Whatever it has started is gone when it rejects. */
  readonly start: (ports: Ports<Name>) => Promise<Started>;
  /** A drawn port was taken, and others are drawn. */
  readonly onTaken: (port: number) => void;
  readonly draw?: DrawPorts;
}

/**
 * Starts something on the ports that were named and on drawn ones.
 * @throws what `start` rejects with, unless a drawn port was taken; after DRAWS_MAX times of that
 *   an error that says so
 */
export async function startOnDrawnPorts<Name extends string, Started>(
  drawing: Drawing<Name, Started>,
): Promise<Started> {
  const { wishes, start, onTaken } = drawing;
  for (let draws = 1; ; draws++) {
    const ports = await drawPorts(drawing);
    try {
      return await start(ports);
    } catch (error) {
      const taken = takenPort(error);
      if (taken === null || !isDrawn(taken, wishes, ports)) throw error;
      if (draws === DRAWS_MAX) throw drawnTooOften(error);
      onTaken(taken);
    }
  }
}

// No port is drawn twice, or beside where it was named.
async function drawPorts<Name extends string>(
  drawing: Pick<Drawing<Name, unknown>, "wishes" | "beside" | "draw">,
): Promise<Ports<Name>> {
  const { wishes, beside, draw = findFreePorts } = drawing;
  const named = Object.values<PortWish>(wishes).filter(({ port }) => port !== 0);
  const used = new Set([...beside, ...named.flatMap(({ port, count }) => rowOf(port, count))]);
  const ports: [string, number][] = [];
  for (const [name, { port, count }] of Object.entries<PortWish>(wishes)) {
    const first = port || (await draw(count, used));
    for (const each of rowOf(first, count)) used.add(each);
    ports.push([name, first]);
  }
  return Object.fromEntries(ports) as Ports<Name>;
}

function rowOf(first: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** @returns the port that somebody else has; null when `error` is another one */
function takenPort(error: unknown): number | null {
  if (!(error instanceof BindError || error instanceof NodeBindError)) return null;
  return error.code === "EADDRINUSE" ? error.port : null;
}

function isDrawn<Name extends string>(
  taken: number,
  wishes: Wishes<Name>,
  ports: Ports<Name>,
): boolean {
  return Object.entries<PortWish>(wishes).some(([name, { port, count }]) => {
    return port === 0 && rowOf(ports[name as Name], count).includes(taken);
  });
}

function drawnTooOften(cause: unknown): Error {
  const often = `${DRAWS_MAX} times somebody else was faster`;
  return new Error(`Cannot bind a port that was free: ${often}; name ports instead`, { cause });
}
