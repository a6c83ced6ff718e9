import { createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { connectTo } from "../../tests/fixtures/connect-to.ts";
import { endpointPort, makeEndpoint } from "../bytes/endpoint.ts";
import {
  BindError,
  closeListenerSockets,
  type OpenListener,
  openListenerSockets,
  renewListenerSockets,
  stopListening,
} from "./listener-sockets.ts";

function listener(port: number, host = "127.0.0.1") {
  const endpoint = makeEndpoint(host, port)!;
  return {
    name: "mqtt",
    backlog: 16,
    transparent: false,
    ipv6Only: false,
    device: null,
    tcpKeepAlive: null,
    listen: { text: `${host}:${port}`, host, port, endpoint },
  };
}

const opened: OpenListener[][] = [];
function open(listeners: ReturnType<typeof listener>[], workerCount: number) {
  const sockets = openListenerSockets(listeners, { workerCount });
  opened.push(sockets);
  return sockets;
}

afterEach(() => {
  for (const sockets of opened.splice(0)) closeListenerSockets(sockets);
});

describe("openListenerSockets", () => {
  it("opens one socket per worker on one port", () => {
    const listeners = open([listener(0), listener(0)], 3);
    expect(listeners.map(({ fds }) => fds.length)).toEqual([3, 3]);
    expect(new Set(listeners.flatMap(({ fds }) => fds)).size).toBe(6);
    expect(portOf(listeners[0]!)).not.toBe(portOf(listeners[1]!));
  });

  it("lets clients connect", async () => {
    const [only] = open([listener(0)], 2);
    expect(await connectTo(portOf(only!))).toBe("connected");
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
    const [only] = open([listener(0)], 2);
    expect(() => open([listener(portOf(only!))], 2)).toThrow(BindError);
  });

  it("says when an address is not this machine's", () => {
    expect(() => open([listener(1883, "192.0.2.1")], 1)).toThrow(
      'Cannot bind listener "mqtt": address 192.0.2.1:1883 does not belong to this machine',
    );
  });
});

describe("openListenerSockets beside others of this process", () => {
  it("takes a port that they have at another address", () => {
    const [narrow] = open([listener(0)], 2);
    const wide = listener(portOf(narrow!), "0.0.0.0");
    const [other] = openListenerSockets([wide], { workerCount: 2, beside: [narrow!] });
    opened.push([other!]);
    expect(portOf(other!)).toBe(portOf(narrow!));
  });
});

describe("openListenerSockets of IPv6 alone", () => {
  it("opens them beside those of IPv4 on the same port, at once and later", async () => {
    const [first] = open([listener(0, "0.0.0.0")], 2);
    const only = { ...listener(portOf(first!), "::"), ipv6Only: true };
    const [beside] = openListenerSockets([only], { workerCount: 2, beside: [first!] });
    opened.push([beside!]);
    closeListenerSockets(opened.shift()!);
    expect(await connectTo(portOf(beside!))).toBe("ECONNREFUSED");
    const both = [listener(portOf(beside!), "0.0.0.0"), only];
    closeListenerSockets(opened.shift()!);
    open(both, 2);
    expect(await connectTo(portOf(beside!))).toBe("connected");
  });
});

describe("renewListenerSockets", () => {
  it("gives one worker other sockets on the same ports, without a gap", async () => {
    const before = openListenerSockets([listener(0), listener(0)], { workerCount: 2 });
    const after = renewListenerSockets(before, 1);
    opened.push(after);
    expect(after.map(({ fds }) => fds[0])).toEqual(before.map(({ fds }) => fds[0]));
    for (const [i, renewed] of after.entries()) {
      expect(renewed.fds[1]).not.toBe(before[i]!.fds[1]);
      expect(await connectTo(portOf(renewed))).toBe("connected");
    }
  });
});

describe("stopListening", () => {
  it("refuses clients at once, and leaves the port to a successor", async () => {
    const sockets = open([listener(0)], 2);
    const port = portOf(sockets[0]!);
    stopListening(sockets);
    expect(await connectTo(port)).toBe("ECONNREFUSED");
    open([listener(port)], 2);
    expect(await connectTo(port)).toBe("connected");
  });
});

function portOf({ endpoint }: OpenListener): number {
  return endpointPort(endpoint, 0);
}
