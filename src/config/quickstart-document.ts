// The document of `fairlead up`: every kind of listener in front of broker nodes on loopback, as
// YAML text.
//
// Text and not settings, so that it comes in the same way as every other file and can be shown to
// whoever wants to start from it. Pure.

import { stringify } from "yaml";

export interface QuickstartNode {
  readonly name: string;
  /** Its MQTT port on 127.0.0.1. */
  readonly port: number;
}

/** One address for each way that MQTT comes in. */
export interface QuickstartListen {
  readonly mqtt: string;
  readonly mqtts: string;
  readonly ws: string;
  readonly wss: string;
}

export interface QuickstartOptions {
  readonly nodes: readonly QuickstartNode[];
  /** Where clients connect: `127.0.0.1:1883`, ... */
  readonly listen: QuickstartListen;
  /** A PEM file with a certificate and its key, for listeners with TLS. */
  readonly certificateFile: string;
  /** Where pages, metrics and API are served: `127.0.0.1:8888`. */
  readonly adminListen: string;
  /** Data-plane threads; one per core if left out. */
  readonly workers?: number;
}

const HEADING = "# What `fairlead up` runs: clients in front, its own broker nodes behind.";

/**
 * Round robin over nodes that are checked each second, so that ten clients of three nodes spread
 * 4, 3 and 3, and a node that dies is noticed within two seconds.
 */
export function writeQuickstartDocument(options: QuickstartOptions): string {
  const { mqtt, mqtts, ws, wss } = options.listen;
  const pool = "nodes";
  const tls = { certificates: [options.certificateFile] };
  const document = {
    workers: options.workers ?? "auto",
    admin: adminAt(options.adminListen),
    log: { format: "pretty" },
    // Whoever presses Ctrl-C on a trial does not want to wait for its clients.
    shutdown: { grace: "1s" },
    listeners: {
      mqtt: { listen: mqtt, pool },
      mqtts: { listen: mqtts, pool, tls },
      ws: { listen: ws, pool, websocket: {} },
      wss: { listen: wss, pool, websocket: {}, tls },
    },
    pools: {
      nodes: {
        balance: "round-robin",
        // By TCP: an MQTT check is a client too, and would be counted among the nodes' own.
        check: { type: "tcp", interval: "1s", fastInterval: "250ms", rise: 2, fall: 3 },
        servers: options.nodes.map(({ name, port }) => ({ name, address: `127.0.0.1:${port}` })),
      },
    },
  };
  return `${HEADING}\n${stringify(document, { aliasDuplicateObjects: false })}`;
}

// Whoever comes from another machine may look and change nothing.
function adminAt(listen: string) {
  const isLoopback = /^(127\.|\[::1\])/.test(listen);
  return isLoopback ? { listen } : { listen, anonymous: "read-only" };
}
