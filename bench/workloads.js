// What `npm run bench` measures, in the order in which it does. Each is a command line of
// `fairlead bench`, but for idle connections, which are held and weighed.

/**
 * `bare`: one that needs no backpressure. `than`: what it is compared with, by the same proxy.
 * @typedef {{ name: string, title: string, args: string[], connections: number, unit: string,
 *   target?: number, protocol?: "mqtt" | "mqtts" | "ws", bare?: boolean,
 *   than?: { name: string, target: number } }} Workload
 */

/** Connections that come and go need more ports than one address has. */
const MANY_SOURCES = ["--source-addresses", "127.0.0.2-127.0.0.9"];

/** @param {number} connections @param {number} [target] @returns {Workload} */
function ping(connections, target) {
  return {
    name: `ping-${connections}`,
    title: `64-byte PUBLISH and PUBACK, ${connections.toLocaleString("en-US")} connections`,
    args: ["ping"],
    connections,
    unit: "round trip",
    bare: true,
    ...(target === undefined ? {} : { target }),
  };
}

/** @type {Workload[]} */
export const WORKLOADS = [
  ping(10, 0.85),
  ping(200, 0.85),
  ping(2000, 0.6),
  ping(8000, 0.6),
  {
    name: "active-20",
    title: "64-byte PUBLISH and PUBACK, 20 active of 2,000 connections",
    args: ["ping", "--active", "20"],
    bare: true,
    connections: 2000,
    unit: "round trip",
  },
  {
    name: "fan-in",
    title: "64-byte PUBLISH with QoS 0, one way, 200 connections",
    args: ["pub", "-q", "0", "--message-interval", "0", "-t", "bench/%i"],
    connections: 200,
    unit: "message",
  },
  {
    name: "connect",
    title: "connect, CONNACK, close; 50 at a time",
    args: ["conn", "--cycle", ...MANY_SOURCES],
    bare: true,
    connections: 50,
    unit: "connection",
    target: 0.85,
  },
  {
    name: "ping-64kB",
    title: "64 kB PUBLISH and PUBACK, 100 connections",
    args: ["ping", "-s", "64kB", "--reactor", "epoll"],
    connections: 100,
    unit: "round trip",
    target: 0.6,
  },
  {
    name: "ping-1MB",
    title: "1 MB PUBLISH and PUBACK, 20 connections",
    args: ["ping", "-s", "1MB", "--reactor", "epoll"],
    connections: 20,
    unit: "round trip",
  },
];

/** TLS 1.3 with a P-256 certificate, at every proxy alike. @type {readonly Workload[]} */
const TLS_WORKLOADS = [
  tlsPing(200, 0.8),
  tlsPing(2000, 0.8),
  {
    name: "tls-connect",
    title: "TLS handshake, CONNECT, CONNACK, close; 50 at a time",
    args: ["conn", "--cycle", "--no-resume", ...MANY_SOURCES],
    connections: 50,
    unit: "connection",
    target: 0.85,
    protocol: "mqtts",
  },
  {
    name: "tls-resume",
    title: "TLS handshake that goes on with a session, CONNECT, CONNACK, close; 50 at a time",
    args: ["conn", "--cycle", ...MANY_SOURCES],
    connections: 50,
    unit: "connection",
    target: 0.85,
    protocol: "mqtts",
  },
  {
    name: "tls-60kB",
    title: "60 kB PUBLISH and PUBACK over TLS, 50 connections",
    args: ["ping", "-s", "60kB", "--reactor", "epoll"],
    connections: 50,
    unit: "round trip",
    target: 0.8,
    protocol: "mqtts",
  },
];

/** Only Fairlead ends WebSocket here: it is compared with itself. @type {Workload} */
const WS_PING = {
  ...ping(200),
  name: "ws-ping-200",
  title: "64-byte PUBLISH and PUBACK over WebSocket that ends here, 200 connections",
  protocol: "ws",
  than: { name: "ping-200", target: 1.3 },
};

/** @param {number} connections @param {number} target @returns {Workload} */
function tlsPing(connections, target) {
  const { title, ...plain } = ping(connections, target);
  return { ...plain, name: `tls-${plain.name}`, title: `${title}, over TLS`, protocol: "mqtts" };
}

WORKLOADS.push(...TLS_WORKLOADS, WS_PING);

/**
 * @typedef {{ name: string, title: string, target: number, protocol: "mqtt" | "mqtts" }} Idle
 * @type {readonly Idle[]}
 */
export const IDLES = [
  { name: "idle", title: "an idle connection", target: 0.16, protocol: "mqtt" },
  { name: "tls-idle", title: "an idle TLS connection", target: 0.85, protocol: "mqtts" },
];

/** What `--quick` measures. */
export const PLAIN = [...WORKLOADS, ...IDLES].filter(
  ({ protocol = "mqtt" }) => protocol === "mqtt",
);
