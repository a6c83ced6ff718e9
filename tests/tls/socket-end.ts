// A TlsEnd behind a socket of node:net, so that Node's own TLS can be its peer.

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { TlsContext } from "../../src/tls/tls-context.ts";
import { TLS_ENDED, TLS_FAILED, TLS_OPEN } from "../../src/tls/tls-engine.ts";
import { TlsEnd } from "./tls-scene.ts";

const SLOT = 0;

/** Passes what comes off the socket to the engine, and what the engine makes to the socket. */
export class SocketEnd {
  readonly end = new TlsEnd();
  readonly #socket: Socket;
  #isEcho = false;
  #onBytes: () => void = () => undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.#onData(bytes));
    // A peer that has seen enough resets; what the engine knows by then is what is asserted.
    socket.on("error", () => undefined);
  }

  /** Accepts one connection and begins the server's side. */
  static async accept(server: Server, context: TlsContext): Promise<SocketEnd> {
    const [socket] = await once(server, "connection");
    const made = new SocketEnd(socket);
    made.end.engine.accept(SLOT, context);
    return made;
  }

  /** Connects to a port and begins the client's side. */
  static async connect(port: number, context: TlsContext): Promise<SocketEnd> {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    const made = new SocketEnd(socket);
    made.end.engine.connect(SLOT, context);
    made.#flush();
    return made;
  }

  /** Gives back whatever comes. */
  echo(): void {
    this.#isEcho = true;
  }

  send(text: string): void {
    this.#socket.write(this.end.seal(SLOT, text));
  }

  /** All plaintext so far, once there are `size` bytes. */
  async hear(size: number): Promise<string> {
    await this.#until(() => this.#heard.length >= size);
    return this.#heard.toString("latin1");
  }

  /** Once the handshake is done. */
  open(): Promise<void> {
    return this.#until(() => this.end.engine.state(SLOT) === TLS_OPEN);
  }

  /** Once the session has ended or failed. */
  over(): Promise<void> {
    return this.#until(() => [TLS_ENDED, TLS_FAILED].includes(this.end.engine.state(SLOT)));
  }

  /** The close_notify first. */
  finish(): void {
    this.end.engine.end(SLOT);
    this.#flush();
    this.#socket.end();
  }

  destroy(): void {
    this.end.engine.free(SLOT);
    this.#socket.destroy();
    this.end.destroy();
  }

  get #heard(): Buffer {
    return this.end.heard[SLOT] ?? Buffer.alloc(0);
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#onBytes = resolve;
      });
    }
  }

  #onData(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 64 * 1024) {
      const plain = this.end.give(SLOT, bytes.subarray(at, at + 64 * 1024));
      this.#flush();
      if (this.#isEcho && this.end.engine.state(SLOT) === TLS_OPEN) this.#giveBack(plain);
    }
    this.#onBytes();
  }

  #giveBack(plain: Buffer): void {
    for (let at = 0; at < plain.length; at += 64 * 1024) {
      this.#socket.write(this.end.seal(SLOT, plain.subarray(at, at + 64 * 1024)));
    }
  }

  #flush(): void {
    const bytes = this.end.take(SLOT);
    if (bytes.length > 0) this.#socket.write(bytes);
  }
}

export async function listenOnLoopback(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot listen");
  return { server, port: address.port };
}
