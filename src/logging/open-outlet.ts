// From a destination to its outlet: one row a kind.

import { lookup } from "node:dns/promises";
import { createWriteStream } from "node:fs";
import { connect } from "node:net";
import { makeEndpoint } from "../bytes/endpoint.ts";
import { openUdpSender, openUnixSender } from "../linux/datagram.ts";
import { DatagramOutlet } from "./datagram-outlet.ts";
import type { Outlet } from "./outlet.ts";
import type { OutletSettings } from "./outlet-settings.ts";
import { StreamOutlet } from "./stream-outlet.ts";

/** Dead receivers are found by the kernel (tcp(7)). */
const KEEP_ALIVE_MS = 30_000;

/** @param stdout the outlet of the process itself, which is there anyway */
export function openOutlet({ to, framing }: OutletSettings, stdout: Outlet): Outlet {
  switch (to.kind) {
    case "stdout":
      return stdout;
    case "udp":
      return new DatagramOutlet({ open: () => openUdp(to), survivesRefusal: true });
    case "unix":
      return new DatagramOutlet({
        open: () => Promise.resolve(openUnixSender(to.path)),
        survivesRefusal: false,
      });
    case "tcp":
      return new StreamOutlet({ open: () => openTcp(to), readyEvent: "connect", framing });
    case "file":
      return new StreamOutlet({
        open: () => createWriteStream(to.path, { flags: "a" }),
        readyEvent: "open",
        framing: "newline",
      });
  }
}

async function openUdp({ host, port }: HostAndPort): Promise<number> {
  const literal = makeEndpoint(host, port);
  if (literal !== null) return openUdpSender(literal);
  const { address } = await lookup(host);
  return openUdpSender(makeEndpoint(address, port)!);
}

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

function openTcp({ host, port }: HostAndPort) {
  const socket = connect({ host, port, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
  socket.setNoDelay(true);
  socket.unref();
  // A receiver has nothing to say; unread, its words would keep the connection half open.
  socket.resume();
  return socket;
}
