// A server that keeps what came before MQTT on each connection, and then plays a broker that lets
// everybody in. And a reader of PROXY headers that shares nothing with ours.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { POLITE_CONNACK } from "./rude-peers.ts";
import { waitUntil } from "./wait-until.ts";

/** The first two bytes of the CONNECTs that tests send: behind them, length and name follow. */
const PROTOCOL_NAME = Buffer.from([0, 4, ...Buffer.from("MQTT")]);
const MAX_LENGTH_SIZE = 4;

export interface Recorded {
  /** Everything before the CONNECT. */
  readonly header: Buffer;
  readonly clientId: string;
}

export class HeaderRecorder {
  readonly port: number;
  readonly recorded: Recorded[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(server: Server) {
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket: Socket) => this.record(socket));
  }

  static async start(): Promise<HeaderRecorder> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new HeaderRecorder(server);
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Waits for what came before the CONNECT of a client. */
  async waitFor(clientId: string): Promise<Buffer> {
    const found = await waitUntil(`"${clientId}" has come`, () => {
      return this.recorded.find((each) => each.clientId === clientId);
    });
    return found.header;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await once(this.server.close(), "close");
  }

  private record(socket: Socket): void {
    let bytes = Buffer.alloc(0);
    this.sockets.add(socket);
    socket.on("close", () => this.sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    const onData = (more: Buffer): void => {
      bytes = Buffer.concat([bytes, more]);
      const recorded = split(bytes);
      if (recorded === null) return;
      this.recorded.push(recorded);
      socket.off("data", onData);
      socket.resume().write(POLITE_CONNACK);
    };
    socket.on("data", onData);
  }
}

// CONNECT of MQTT 3.1.1: 0x10, a length of 1 to 4 bytes, 0 4 M Q T T, level, flags, keep alive.
function split(bytes: Buffer): Recorded | null {
  const name = bytes.indexOf(PROTOCOL_NAME);
  const idAt = name + PROTOCOL_NAME.length + 4;
  if (name < 0 || bytes.length < idAt + 2) return null;
  const idSize = bytes.readUInt16BE(idAt);
  if (bytes.length < idAt + 2 + idSize) return null;
  const start = bytes.lastIndexOf(0x10, name - 1);
  if (start < name - 1 - MAX_LENGTH_SIZE) throw new Error("Cannot find where CONNECT begins");
  const clientId = bytes.subarray(idAt + 2, idAt + 2 + idSize).toString();
  return { header: bytes.subarray(0, start), clientId };
}

/** A header of version 2, taken apart. */
export interface HeaderV2 {
  /** 0 LOCAL, 1 PROXY. */
  readonly command: number;
  /** Family and transport: 0x11 TCP over IPv4, 0x21 over IPv6. */
  readonly family: number;
  /** `127.0.0.1:1000 127.0.0.1:2000`; empty when there are none. */
  readonly addresses: string;
  /** By type. */
  readonly tlvs: ReadonlyMap<number, Buffer>;
}

const SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const FIXED_SIZE = 16;

/** Takes a header of version 2 apart ("The PROXY protocol", 2.2). Throws when it is none. */
export function parseV2(header: Buffer): HeaderV2 {
  const rest = header.subarray(FIXED_SIZE);
  const isWhole = header.subarray(0, 12).equals(SIGNATURE) && header[12]! >> 4 === 2;
  if (!isWhole || header.readUInt16BE(14) !== rest.length) {
    throw new Error(`Cannot read the PROXY header ${header.toString("hex")}`);
  }
  const family = header[13]!;
  const size = family === 0 ? 0 : family >> 4 === 1 ? 4 : 16;
  const address = (at: number, port: number) => {
    const bytes = [...rest.subarray(at, at + size)];
    const text = size === 4 ? bytes.join(".") : Buffer.from(bytes).toString("hex");
    return `${text}:${rest.readUInt16BE(port)}`;
  };
  const addresses = size === 0 ? "" : `${address(0, 2 * size)} ${address(size, 2 * size + 2)}`;
  const tlvs = parseTlvs(rest.subarray(size === 0 ? 0 : 2 * size + 4));
  return { command: header[12]! & 15, family, addresses, tlvs };
}

/** @returns values by type; of PP2_TYPE_SSL, give what is behind its first five bytes */
export function parseTlvs(bytes: Buffer): Map<number, Buffer> {
  const tlvs = new Map<number, Buffer>();
  for (let at = 0; at < bytes.length; ) {
    const end = at + 3 + bytes.readUInt16BE(at + 1);
    if (end > bytes.length) throw new Error("Cannot read a TLV: its length lies");
    tlvs.set(bytes[at]!, bytes.subarray(at + 3, end));
    at = end;
  }
  return tlvs;
}

/** CRC32C, bit by bit (RFC 4960, appendix B). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
