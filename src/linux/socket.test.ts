import { readdirSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { ENDPOINT_SIZE, type Endpoint, endpointPort, makeEndpoint } from "../bytes/endpoint.ts";
import {
  AF_INET,
  AF_INET6,
  EPOLL_CTL_ADD,
  EPOLLIN,
  EPOLLOUT,
  epollEventLayout,
  errno,
  F_GETFL,
  IPPROTO_TCP,
  MSG_NOSIGNAL,
  O_NONBLOCK,
  SO_ERROR,
  SO_KEEPALIVE,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  sockaddrIn,
  sockaddrIn6,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
  TCP_NODELAY,
  TCP_QUICKACK,
} from "./abi.ts";
import { SPEAKS_FIRST } from "./dial-manner.ts";
import {
  accept4,
  close,
  epollCreate1,
  epollCtl,
  epollWait,
  fcntl,
  getsockopt,
  recv,
  send,
} from "./libc.ts";
import { mapMemory } from "./native-memory.ts";
import {
  boundEndpoint,
  dial,
  openDialSocket,
  openListener,
  peerEndpoint,
  readSockaddr,
  resetOnClose,
  SOCKADDR_SIZE_MAX,
  setKeepAlive,
  setNonBlocking,
  setOption,
  takeSocketError,
  writeSockaddr,
} from "./socket.ts";

const LOOPBACK = makeEndpoint("127.0.0.1", 0)!;
const ALONE = { backlog: 16, reusePort: false };
const SHARED = { backlog: 16, reusePort: true };
const WAIT_MS = 10_000;

/** What a test hands to the kernel, for one call at a time. */
const scratch = mapMemory(4096);

const open: number[] = [];
afterEach(() => {
  for (const fd of open.splice(0)) close(fd);
});

/** Closes a descriptor at the end of the test. */
function keep(fd: number): number {
  expect(fd).toBeGreaterThanOrEqual(0);
  open.push(fd);
  return fd;
}

function letGo(fd: number): void {
  open.splice(open.indexOf(fd), 1);
  close(fd);
}

function endpointOf(fd: number): Endpoint {
  const endpoint = boundEndpoint(fd);
  if (typeof endpoint === "number") throw new Error(`no address: ${endpoint}`);
  return endpoint;
}

function waitFor(fd: number, events: number): void {
  const layout = epollEventLayout(process.arch);
  new DataView(scratch.bytes.buffer).setUint32(layout.events, events, true);
  const epoll = epollCreate1(0);
  expect(epollCtl(epoll, EPOLL_CTL_ADD, fd, scratch.address)).toBe(0);
  expect(epollWait(epoll, scratch.address, 1, WAIT_MS)).toBe(1);
  close(epoll);
}

/** Starts connecting. @returns the fd, or a negative errno */
function dialTo(endpoint: Endpoint): number {
  const length = writeSockaddr(scratch.bytes, 0, endpoint);
  return dial(scratch.bytes[0]!, scratch.address, length);
}

/** A connection over loopback. @returns the client's fd and the accepted one */
function connected(): [client: number, accepted: number] {
  const listener = keep(openListener(LOOPBACK, ALONE));
  return connectedTo(listener);
}

function connectedTo(listener: number): [client: number, accepted: number] {
  const client = keep(dialTo(endpointOf(listener)));
  waitFor(listener, EPOLLIN);
  return [client, keep(accept4(listener, 0, 0, SOCK_NONBLOCK))];
}

function optionOf(fd: number, level: number, name: number): number {
  const words = new Int32Array(scratch.bytes.buffer);
  words[1] = 4;
  expect(getsockopt(fd, level, name, scratch.address, scratch.address + 4)).toBe(0);
  return words[0]!;
}

function receiveFrom(fd: number): number {
  waitFor(fd, EPOLLIN);
  return recv(fd, scratch.address, 16, 0);
}

describe("writeSockaddr and readSockaddr", () => {
  it("write what the kernel wants of either family", () => {
    const target = new Uint8Array(40).fill(0xff);
    expect(writeSockaddr(target, 4, makeEndpoint("192.0.2.9", 1883)!)).toBe(sockaddrIn.size);
    expect([...target.subarray(4, 12)]).toEqual([AF_INET, 0, 7, 91, 192, 0, 2, 9]);
    expect([...target.subarray(12, 20)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(writeSockaddr(target, 4, makeEndpoint("2001:db8::1", 1883)!)).toBe(sockaddrIn6.size);
    expect([...target.subarray(4, 16)]).toEqual([AF_INET6, 0, 7, 91, 0, 0, 0, 0, 32, 1, 13, 184]);
    expect([target[3], target[4 + sockaddrIn6.size]]).toEqual([0xff, 0xff]);
  });

  it("give every endpoint back, whatever lay there before", () => {
    const byte = fc.nat(255);
    const ipv4 = fc.array(byte, { minLength: 6, maxLength: 6 }).map((tail) => {
      return Uint8Array.from([...Array(10).fill(0), 0xff, 0xff, ...tail]);
    });
    const ipv6 = fc.uint8Array({ minLength: ENDPOINT_SIZE, maxLength: ENDPOINT_SIZE });
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), byte, fc.nat(8), (endpoint, before, at) => {
        const source = new Uint8Array(at + SOCKADDR_SIZE_MAX).fill(before);
        const target = new Uint8Array(at + ENDPOINT_SIZE + 1).fill(before);
        writeSockaddr(source, at, endpoint);
        readSockaddr(source, at, target, at);
        expect(target.subarray(at, at + ENDPOINT_SIZE)).toEqual(endpoint);
        expect(target[at + ENDPOINT_SIZE]).toBe(before);
      }),
    );
  });
});

describe("openListener", () => {
  it("listens where it was told, without blocking, and tells the port", () => {
    const fd = keep(openListener(LOOPBACK, ALONE));
    expect(endpointPort(endpointOf(fd), 0)).toBeGreaterThan(0);
    expect(endpointOf(fd).subarray(0, 16)).toEqual(LOOPBACK.subarray(0, 16));
    expect(accept4(fd, 0, 0, 0)).toBe(-errno.EAGAIN);
  });

  it("hands TCP_NODELAY down to what it accepts", () => {
    const [client, accepted] = connected();
    expect(optionOf(accepted, IPPROTO_TCP, TCP_NODELAY)).toBe(1);
    expect(optionOf(client, IPPROTO_TCP, TCP_NODELAY)).toBe(1);
  });

  it("listens at another machine's address where it may, and nowhere else", () => {
    const elsewhere = makeEndpoint("192.0.2.1", 0)!;
    expect(openListener(elsewhere, ALONE)).toBe(-errno.EADDRNOTAVAIL);
    const fd = keep(openListener(elsewhere, { ...ALONE, transparent: true }));
    expect(endpointOf(fd).subarray(0, 16)).toEqual(elsewhere.subarray(0, 16));
    const ipv6 = keep(
      openListener(makeEndpoint("2001:db8::1", 0)!, { ...ALONE, transparent: true }),
    );
    expect(ipv6).toBeGreaterThan(0);
  });

  it("listens on one network interface, if there is such a one", () => {
    expect(keep(openListener(LOOPBACK, { ...ALONE, device: "lo" }))).toBeGreaterThan(0);
    for (const device of ["no-such-one", "a-name-that-is-too-long"]) {
      expect(openListener(LOOPBACK, { ...ALONE, device })).toBe(-errno.ENODEV);
    }
  });

  it("refuses a port in use, and leaves no descriptor behind", () => {
    const first = keep(openListener(LOOPBACK, ALONE));
    const before = readdirSync("/proc/self/fd").length;
    expect(openListener(endpointOf(first), ALONE)).toBe(-errno.EADDRINUSE);
    expect(openListener(endpointOf(first), SHARED)).toBe(-errno.EADDRINUSE);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });

  it("shares a port when all ask for it, and takes over one that was just used", () => {
    const first = keep(openListener(LOOPBACK, SHARED));
    const second = keep(openListener(endpointOf(first), SHARED));
    expect(endpointOf(second)).toEqual(endpointOf(first));
    const [client, accepted] = connected();
    const endpoint = endpointOf(accepted);
    // The side that closes first leaves its port in TIME_WAIT.
    for (const fd of [accepted, client, open[2]!]) letGo(fd);
    keep(openListener(endpoint, ALONE));
  });

  it("refuses an address that is not ours", () => {
    expect(openListener(makeEndpoint("192.0.2.1", 0)!, ALONE)).toBe(-errno.EADDRNOTAVAIL);
  });

  it("on the IPv6 wildcard takes IPv4 clients too, by their own addresses", () => {
    const listener = keep(openListener(makeEndpoint("::", 0)!, ALONE));
    const to = makeEndpoint("127.0.0.1", endpointPort(endpointOf(listener), 0))!;
    const client = keep(dialTo(to));
    waitFor(listener, EPOLLIN);
    const accepted = keep(accept4(listener, 0, 0, SOCK_NONBLOCK));
    const peer = new Uint8Array(ENDPOINT_SIZE);
    peerEndpoint(accepted, peer, 0);
    expect(peer).toEqual(endpointOf(client));
    expect(endpointOf(accepted)).toEqual(to);
  });

  it("leaves IPv4 on its port to others where it is to take IPv6 alone", () => {
    const options = { ...ALONE, ipv6Only: true };
    const listener = keep(openListener(makeEndpoint("::", 0)!, options));
    const port = endpointPort(endpointOf(listener), 0);
    const other = keep(openListener(makeEndpoint("0.0.0.0", port)!, options));
    expect(other).toBeGreaterThan(0);
    expect(openListener(makeEndpoint("::", port)!, ALONE)).toBe(-errno.EADDRINUSE);
  });
});

describe("boundEndpoint", () => {
  it("answers a descriptor that is none with its errno", () => {
    expect(boundEndpoint(-1)).toBe(-errno.EBADF);
  });
});

describe("dial", () => {
  it("comes to a closed port in vain, now or a little later", () => {
    const listener = openListener(LOOPBACK, ALONE);
    const closed = endpointOf(listener);
    close(listener);
    const fd = dialTo(closed);
    if (fd < 0) {
      expect(fd).toBe(-errno.ECONNREFUSED);
      return;
    }
    waitFor(keep(fd), EPOLLOUT);
    expect(takeSocketError(fd)).toBe(errno.ECONNREFUSED);
  });

  it("answers with its errno where there is no way, and leaves no descriptor behind", () => {
    const before = readdirSync("/proc/self/fd").length;
    expect(dialTo(makeEndpoint("255.255.255.255", 1)!)).toBeLessThan(0);
    expect(dial(999, 0, 0)).toBeLessThan(0);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});

describe("dial and openDialSocket from a source address", () => {
  it("leave the port to the kernel and keep the address", () => {
    const listener = keep(openListener(LOOPBACK, ALONE));
    const source = makeEndpoint("127.0.0.9", 0)!;
    const length = writeSockaddr(scratch.bytes, 0, endpointOf(listener));
    writeSockaddr(scratch.bytes, 64, source);
    const client = keep(dial(AF_INET, scratch.address, length, scratch.address + 64));
    expect(endpointOf(client).subarray(0, 16)).toEqual(source.subarray(0, 16));
    expect(endpointPort(endpointOf(client), 0)).toBeGreaterThan(0);
    const blocking = keep(openDialSocket(AF_INET, scratch.address + 64));
    expect(endpointOf(blocking)).toEqual(source);
  });

  it("say why they cannot, and leave no descriptor behind", () => {
    const before = readdirSync("/proc/self/fd").length;
    writeSockaddr(scratch.bytes, 64, makeEndpoint("192.0.2.1", 0)!);
    const from = scratch.address + 64;
    expect(openDialSocket(AF_INET, from)).toBe(-errno.EADDRNOTAVAIL);
    expect(dial(AF_INET, scratch.address, sockaddrIn.size, from)).toBe(-errno.EADDRNOTAVAIL);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });
});

describe("setKeepAlive", () => {
  const often = { idleSeconds: 61, intervalSeconds: 7, probes: 4 };
  const read = (fd: number) => [
    optionOf(fd, SOL_SOCKET, SO_KEEPALIVE),
    ...[TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT].map((name) => optionOf(fd, IPPROTO_TCP, name)),
  ];

  it("on a listener is handed on by the kernel to what it accepts", () => {
    const listener = keep(openListener(LOOPBACK, { ...ALONE, keepAlive: often }));
    const [, accepted] = connectedTo(listener);
    expect(read(accepted)).toEqual([1, 61, 7, 4]);
    expect(setKeepAlive(listener, null)).toBe(0);
    const [, later] = connectedTo(listener);
    expect(read(later)[0]).toBe(0);
    expect(read(accepted)[0]).toBe(1);
  });

  it("leaves to the kernel what nobody said", () => {
    const fd = keep(openDialSocket(AF_INET));
    const [, ...own] = read(fd);
    expect(setKeepAlive(fd, { idleSeconds: 0, intervalSeconds: 0, probes: 0 })).toBe(0);
    expect(read(fd)).toEqual([1, ...own]);
  });

  it("answers a descriptor that is none with its errno", () => {
    expect(setKeepAlive(-1, often)).toBe(-errno.EBADF);
  });
});

describe("takeSocketError", () => {
  it("takes a pending error off once; then there is none to tell", () => {
    const [client, accepted] = connected();
    resetOnClose(accepted);
    letGo(accepted);
    waitFor(client, EPOLLIN);
    expect(takeSocketError(client)).toBe(errno.ECONNRESET);
    expect(optionOf(client, SOL_SOCKET, SO_ERROR)).toBe(0);
    expect(takeSocketError(client)).toBe(errno.ECONNABORTED);
  });

  it("answers a descriptor that is none with its errno", () => {
    expect(takeSocketError(-1)).toBe(errno.EBADF);
  });
});

describe("resetOnClose", () => {
  it("makes the peer see a reset, where a plain close is an end", () => {
    const [client, accepted] = connected();
    letGo(accepted);
    expect(receiveFrom(client)).toBe(0);
    const [second, other] = connected();
    resetOnClose(other);
    letGo(other);
    expect(receiveFrom(second)).toBe(-errno.ECONNRESET);
  });
});

describe("peerEndpoint", () => {
  it("is the other end's own address, both ways", () => {
    const [client, accepted] = connected();
    const peers = new Uint8Array(2 * ENDPOINT_SIZE);
    peerEndpoint(accepted, peers, 0);
    peerEndpoint(client, peers, ENDPOINT_SIZE);
    expect(peers.subarray(0, ENDPOINT_SIZE)).toEqual(endpointOf(client));
    expect(peers.subarray(ENDPOINT_SIZE)).toEqual(endpointOf(accepted));
  });

  it("is all zeros where there is nobody", () => {
    const listener = keep(openListener(LOOPBACK, ALONE));
    const peer = new Uint8Array(ENDPOINT_SIZE + 1).fill(9);
    peerEndpoint(listener, peer, 0);
    expect([...peer]).toEqual([...Array(ENDPOINT_SIZE).fill(0), 9]);
  });
});

describe("setNonBlocking", () => {
  it("switches to and fro, and leaves other flags alone", () => {
    const fd = keep(openListener(LOOPBACK, ALONE));
    const flags = fcntl(fd, F_GETFL, 0);
    expect(flags & O_NONBLOCK).toBe(O_NONBLOCK);
    expect(setNonBlocking(fd, false)).toBe(0);
    expect(fcntl(fd, F_GETFL, 0)).toBe(flags & ~O_NONBLOCK);
    expect(setNonBlocking(fd, true)).toBe(0);
    expect(fcntl(fd, F_GETFL, 0)).toBe(flags);
    expect(setNonBlocking(-1, true)).toBe(-errno.EBADF);
  });
});

describe("openDialSocket", () => {
  it("opens a blocking socket that does not wait to fill its segments", () => {
    const fd = keep(openDialSocket(AF_INET));
    expect(fcntl(fd, F_GETFL, 0) & O_NONBLOCK).toBe(0);
    expect(optionOf(fd, IPPROTO_TCP, TCP_NODELAY)).toBe(1);
    expect(openDialSocket(999)).toBeLessThan(0);
  });

  it("keeps the ACK of the handshake for who speaks first, and for nobody else", () => {
    const quick = [0, SPEAKS_FIRST].map((manner) => {
      return optionOf(keep(openDialSocket(AF_INET, 0, manner)), IPPROTO_TCP, TCP_QUICKACK);
    });
    expect(quick).toEqual([1, 0]);
  });
});

describe("setOption", () => {
  it("sets, or says why not", () => {
    const fd = keep(openListener(LOOPBACK, ALONE));
    expect(setOption(fd, IPPROTO_TCP, TCP_NODELAY, 0)).toBe(0);
    expect(optionOf(fd, IPPROTO_TCP, TCP_NODELAY)).toBe(0);
    expect(setOption(-1, IPPROTO_TCP, TCP_NODELAY, 0)).toBe(-errno.EBADF);
  });
});

describe("a socket of ours", () => {
  it("carries bytes", () => {
    const [client, accepted] = connected();
    scratch.bytes.set([1, 2, 3]);
    expect(send(client, scratch.address, 3, MSG_NOSIGNAL)).toBe(3);
    scratch.bytes.fill(0);
    expect(receiveFrom(accepted)).toBe(3);
    expect([...scratch.bytes.subarray(0, 3)]).toEqual([1, 2, 3]);
  });
});
