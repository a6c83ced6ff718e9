// A broker that takes whoever comes and can stop listening while its connections go on: to a check
// it is gone, to its clients it is there. No real broker can be made to do that.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { parser } from "mqtt-packet";
import { closeAtEnd } from "./close-at-end.ts";

const ACCEPTED = Uint8Array.of(0x20, 2, 0, 0);

export class LeavingBroker {
  readonly port: number;
  /** How many have come so far, whether they have said anything or not. */
  connectionCount = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, onClient: () => void) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on("connection", (socket) => this.#serve(socket, onClient));
  }

  /**
   * Starts one for the test that runs; it ends with the test.
   * @param onClient somebody has come
   */
  static async start(onClient: () => void = () => undefined): Promise<LeavingBroker> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return closeAtEnd(new LeavingBroker(server, onClient));
  }

  /** Refuses whoever comes from now on. */
  stopListening(): void {
    this.#server.close();
  }

  close(): void {
    this.stopListening();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(socket: Socket, onClient: () => void): void {
    this.connectionCount++;
    this.#sockets.add(socket);
    const packets = parser();
    packets.on("packet", (packet) => {
      if (packet.cmd !== "connect") return;
      onClient();
      socket.write(ACCEPTED);
    });
    socket.on("data", (bytes) => packets.parse(bytes));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
  }
}
