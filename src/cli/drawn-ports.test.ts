import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { Cluster } from "../quickstart/cluster.ts";
import { closeListenerSockets, openListenerSockets } from "../supervisor/listener-sockets.ts";
import { type DrawPorts, type PortWish, startOnDrawnPorts } from "./drawn-ports.ts";
import { findFreePorts } from "./free-ports.ts";

const DRAWN: PortWish = { port: 0, count: 1 };
const ALWAYS = Number.POSITIVE_INFINITY;

/** As often as is said, somebody listens already on one port of the row that is drawn. */
function drawBeaten(times: number, nth = 0) {
  const beatenTo: number[] = [];
  const draw: DrawPorts = async (count, except) => {
    if (beatenTo.length === times) return findFreePorts(count, except);
    const taken = await takePort();
    beatenTo.push(taken);
    return taken - nth;
  };
  return { beatenTo, draw };
}

async function takePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Listens as the balancer does. */
function openListener(port: number): number {
  const endpoint = makeEndpoint("127.0.0.1", port)!;
  const listen = { host: "127.0.0.1", port, text: `127.0.0.1:${port}`, endpoint };
  const alone = {
    name: "mqtt",
    backlog: 1,
    transparent: false,
    ipv6Only: false,
    device: null,
    tcpKeepAlive: null,
  };
  const opened = openListenerSockets([{ ...alone, listen }], { workerCount: 1 });
  onTestFinished(() => closeListenerSockets(opened));
  return port;
}

/** Listens as the embedded nodes do. */
async function openNodes(mqttPort: number, nodes: number): Promise<readonly number[]> {
  const cluster = new Cluster({ nodes, mqttPort, wsPort: 0 }, "test");
  onTestFinished(() => cluster.close());
  return (await cluster.listen()).map((node) => node.mqttPort);
}

function start<T>(wish: PortWish, draw: DrawPorts, open: (port: number) => T | Promise<T>) {
  const told: number[] = [];
  const started = startOnDrawnPorts({
    wishes: { port: wish },
    beside: [],
    start: async ({ port }) => open(port),
    onTaken: (port) => told.push(port),
    draw,
  });
  return { started, told };
}

describe("startOnDrawnPorts", () => {
  it("draws again when a listener's port was taken, and says which", async () => {
    const { beatenTo, draw } = drawBeaten(2);
    const { started, told } = start(DRAWN, draw, openListener);
    expect(beatenTo).not.toContain(await started);
    expect(told).toHaveLength(2);
    expect(told).toEqual(beatenTo);
  });

  it("draws a whole row again when one of its nodes was beaten to its port", async () => {
    const { beatenTo, draw } = drawBeaten(1, 2);
    const wish = { port: 0, count: 3 };
    const { started, told } = start(wish, draw, (port) => openNodes(port, 3));
    const ports = await started;
    expect(ports).toEqual([ports[0], ports[0]! + 1, ports[0]! + 2]);
    const [taken] = beatenTo as [number];
    // The kernel may have given its neighbours away, too.
    expect([[taken - 2], [taken - 1], [taken]]).toContainEqual(told);
  });

  it("gives up in the end, and says what to do", async () => {
    const { beatenTo, draw } = drawBeaten(ALWAYS);
    const { started, told } = start(DRAWN, draw, openListener);
    const error = await started.catch((reason: Error) => reason);
    expect(error).toMatchObject({
      message:
        "Cannot bind a port that was free: 10 times somebody else was faster; name ports instead",
      cause: { message: expect.stringContaining(`127.0.0.1:${beatenTo.at(-1)} is in use`) },
    });
    expect(beatenTo).toHaveLength(10);
    expect(told).toEqual(beatenTo.slice(0, -1));
  });

  it("never replaces a port that was named", async () => {
    const { draw } = drawBeaten(0);
    const port = await takePort();
    const { started, told } = start({ port, count: 1 }, draw, openListener);
    await expect(started).rejects.toThrow(
      `Cannot bind listener "mqtt": address 127.0.0.1:${port} is in use`,
    );
    expect(told).toEqual([]);
  });

  it("leaves other errors alone", async () => {
    const { draw } = drawBeaten(0);
    const fail = () => Promise.reject(new Error("Cannot start a worker"));
    const { started, told } = start(DRAWN, draw, fail);
    await expect(started).rejects.toThrow("Cannot start a worker");
    expect(told).toEqual([]);
  });

  it("draws nothing that is named, bound beside, or drawn already", async () => {
    const asked: number[][] = [];
    let next = 20_000;
    const ports = await startOnDrawnPorts({
      wishes: { first: DRAWN, named: { port: 15_000, count: 2 }, row: { port: 0, count: 3 } },
      beside: [8888],
      start: async (all) => all,
      onTaken: () => {},
      draw: async (_, except = new Set()) => {
        asked.push([...except]);
        return next++;
      },
    });
    expect(asked).toEqual([
      [8888, 15_000, 15_001],
      [8888, 15_000, 15_001, 20_000],
    ]);
    expect(ports).toEqual({ first: 20_000, named: 15_000, row: 20_001 });
  });
});
