// Clients that come back when they are sent away, and keep what they were told each time: raw
// sockets with a CONNECT, so that a test can hold thousands of them.

import { createConnection, type Socket } from "node:net";
import { generate, type Packet, parser } from "mqtt-packet";

export interface ReturningOptions {
  readonly port: number;
  readonly clientId: string;
  readonly level: 4 | 5;
  /** Milliseconds until it comes back; it stays away without. */
  readonly returnMs?: number;
}

/** One connection of a client, as it was. */
export interface Visit {
  /** What came, in order. */
  readonly received: Buffer[];
  isClosed: boolean;
}

export class ReturningClient {
  readonly visits: Visit[] = [];
  readonly #options: ReturningOptions;
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isOver = false;

  constructor(options: ReturningOptions) {
    this.#options = options;
    this.#come();
  }

  /** Whether a CONNACK has let it in, and it is still there. */
  get isServed(): boolean {
    const visit = this.visits.at(-1)!;
    return !visit.isClosed && codeOf(visit) === 0;
  }

  /** Codes of the CONNACKs of each visit; null: none came. */
  get codes(): (number | null)[] {
    return this.visits.map(codeOf);
  }

  close(): void {
    this.#isOver = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket?.destroy();
  }

  #come(): void {
    const { port, clientId, level, returnMs } = this.#options;
    const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
    const visit: Visit = { received: [], isClosed: false };
    this.visits.push(visit);
    this.#socket = socket;
    socket.on("data", (bytes) => visit.received.push(bytes));
    socket.on("error", () => {
      // A visit that came to nothing shows by what was received.
    });
    socket.on("close", () => {
      visit.isClosed = true;
      if (this.#isOver || returnMs === undefined) return;
      this.#timer = setTimeout(() => this.#come(), returnMs);
    });
    const protocol = { protocolId: "MQTT", protocolVersion: level } as const;
    socket.write(generate({ cmd: "connect", ...protocol, clientId, clean: true, keepalive: 0 }));
  }
}

function codeOf({ received }: Visit): number | null {
  const bytes = Buffer.concat(received);
  return bytes[0] === 0x20 && bytes.length >= 4 ? bytes[3]! : null;
}

/** What a DISCONNECT of 5.0 says. */
export interface Goodbye {
  readonly reasonCode: number;
  /** Where else a client may go; null: nobody says. */
  readonly serverReference: string | null;
}

/** The DISCONNECT that a client of 5.0 got last before its close; null: it got none. */
export function goodbyeOf({ received, isClosed }: Visit): Goodbye | null {
  const packets: Packet[] = [];
  const reader = parser({ protocolVersion: 5 });
  reader.on("packet", (packet) => packets.push(packet));
  reader.parse(Buffer.concat(received));
  const last = packets.at(-1);
  if (last?.cmd !== "disconnect" || !isClosed) return null;
  const { reasonCode = 0, properties } = last;
  return { reasonCode, serverReference: properties?.serverReference ?? null };
}
