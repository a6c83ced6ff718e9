import { connect, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { endpointPort, makeEndpoint } from "../bytes/endpoint.ts";
import {
  BindError,
  closeListenerSockets,
  type ListenerSockets,
  openListenerSockets,
  renewListenerSockets,
  stopListening,
} from "./listener-sockets.ts";

function listener(port: number, host = "127.0.0.1") {
  const endpoint = makeEndpoint(host, port)!;
  return { name: "mqtt", backlog: 16, listen: { text: `${host}:${port}`, host, port, endpoint } };
}

const opened: ListenerSockets[] = [];
function open(...of: Parameters<typeof openListenerSockets>) {
  const sockets = openListenerSockets(...of);
  opened.push(sockets);
  return sockets;
}

afterEach(() => {
  for (const sockets of opened.splice(0)) closeListenerSockets(sockets);
});

describe("openListenerSockets", () => {
  it("opens one socket per worker on one port", () => {
    const { fds, endpoints } = open([listener(0), listener(0)], 3);
    expect(fds.map((row) => row.length)).toEqual([2, 2, 2]);
    expect(new Set(fds.flat()).size).toBe(6);
    expect(endpointPort(endpoints[0]!, 0)).not.toBe(endpointPort(endpoints[1]!, 0));
  });

  it("lets clients connect", async () => {
    const { endpoints } = open([listener(0)], 2);
    expect(await connectTo(endpointPort(endpoints[0]!, 0))).toBe("connected");
  });

  it("names the listener and the address that is in use", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    expect(() => open([listener(0), listener(port)], 1)).toThrow(
      `Cannot bind listener "mqtt": address 127.0.0.1:${port} is in use`,
    );
    await new Promise((resolve) => server.close(resolve));
  });

  it("refuses a port that another Fairlead shares among its workers", () => {
    const { endpoints } = open([listener(0)], 2);
    const port = endpointPort(endpoints[0]!, 0);
    expect(() => open([listener(port)], 2)).toThrow(BindError);
  });

  it("says when an address is not this machine's", () => {
    expect(() => open([listener(1883, "192.0.2.1")], 1)).toThrow(
      'Cannot bind listener "mqtt": address 192.0.2.1:1883 does not belong to this machine',
    );
  });
});

describe("renewListenerSockets", () => {
  it("gives one worker other sockets on the same ports, without a gap", async () => {
    const listeners = [listener(0), listener(0)];
    const sockets = open(listeners, 2);
    const [kept, old] = [...sockets.fds];
    renewListenerSockets(sockets, listeners, 1);
    expect(sockets.fds[0]).toEqual(kept);
    expect(sockets.fds[1]).toHaveLength(2);
    expect(sockets.fds[1]).not.toEqual(old);
    for (const endpoint of sockets.endpoints) {
      expect(await connectTo(endpointPort(endpoint, 0))).toBe("connected");
    }
  });
});

describe("stopListening", () => {
  it("refuses clients at once, and leaves the port to a successor", async () => {
    const sockets = open([listener(0)], 2);
    const port = endpointPort(sockets.endpoints[0]!, 0);
    stopListening(sockets);
    expect(await connectTo(port)).toBe("ECONNREFUSED");
    open([listener(port)], 2);
    expect(await connectTo(port)).toBe("connected");
  });
});

async function connectTo(port: number): Promise<string | undefined> {
  const socket = connect(port, "127.0.0.1");
  const outcome = await new Promise<string | undefined>((resolve) => {
    socket.once("connect", () => resolve("connected"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code));
  });
  socket.destroy();
  return outcome;
}
