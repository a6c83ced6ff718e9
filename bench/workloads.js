// What `npm run bench` measures, in the order in which it does. Each is a command line of
// `fairlead bench`, but for idle connections, which are held and weighed.

/**
 * @typedef {{ name: string, title: string, args: string[], connections: number,
 *   unit: string, target?: number }} Workload
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
    ...(target === undefined ? {} : { target }),
  };
}

/** @type {readonly Workload[]} */
export const WORKLOADS = [
  ping(10, 0.85),
  ping(200, 0.85),
  ping(2000, 0.6),
  ping(8000, 0.6),
  {
    name: "active-20",
    title: "64-byte PUBLISH and PUBACK, 20 active of 2,000 connections",
    args: ["ping", "--active", "20"],
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

export const IDLE = {
  name: "idle",
  title: "idle connections",
  target: 0.16,
};
