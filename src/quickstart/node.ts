// One node of the cluster: an MQTT port, a WebSocket port, and the connections that came through
// them. What it knows beyond its own connections is in the broker that all nodes share.

import { createServer as createHttpServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import type { Broker } from "./broker.ts";
import type { Client, ClientHost } from "./client.ts";
import { ClientConnection } from "./client-connection.ts";
import { NodeCounters } from "./counters.ts";
import type { Limits } from "./limits.ts";
import { NodeBindError } from "./node-bind-error.ts";
import type { Flusher } from "./outbox.ts";
import { REASON } from "./reason.ts";
import { publishClientEvent } from "./system-topics.ts";

/** Where WebSocket clients are served, and how they may call the protocol [MQTT-6.0.0-3]. */
const WEBSOCKET_PATH = "/mqtt";
const WEBSOCKET_PROTOCOLS: readonly string[] = ["mqtt", "mqttv3.1"];

/** A WebSocket message may hold several packets; it may be as large as this many of the largest. */
const PACKETS_PER_MESSAGE = 2;
/** In place of a client id until its CONNACK has gone out. */
const UNKNOWN = "";
const BACKLOG = 4096;
/** Milliseconds between two looks at requests that take too long. */
const HTTP_CHECK_INTERVAL_MS = 1000;
const UNSUPPORTED_FRAME = 1003;

export interface NodeOptions {
  readonly name: string;
  readonly host: string;
  /** 0 takes any free port. */
  readonly mqttPort: number;
  readonly wsPort: number;
}

/** What a node has of its own cluster. */
export interface NodeContext {
  readonly broker: Broker;
  readonly flusher: Flusher;
  now(): number;
}

export class BrokerNode implements ClientHost {
  readonly name: string;
  readonly broker: Broker;
  readonly flusher: Flusher;
  readonly counters = new NodeCounters();
  readonly #options: NodeOptions;
  readonly #context: NodeContext;
  readonly #connections = new Map<Client, { connection: ClientConnection; clientId: string }>();
  readonly #mqtt: NetServer;
  readonly #http: Server;
  readonly #ws: WebSocketServer;

  constructor(options: NodeOptions, context: NodeContext) {
    this.name = options.name;
    this.broker = context.broker;
    this.flusher = context.flusher;
    this.#options = options;
    this.#context = context;
    this.#mqtt = createServer({ noDelay: true }, (socket) => this.#welcome(socket));
    this.#http = makeUpgradeServer(context.broker.limits);
    this.#ws = makeWebSocketServer(context.broker.limits);
    this.#http.on("upgrade", (request, socket: Socket, head) => {
      this.#upgrade(request, socket, head);
    });
  }

  get mqttPort(): number {
    return (this.#mqtt.address() as AddressInfo).port;
  }

  get wsPort(): number {
    return (this.#http.address() as AddressInfo).port;
  }

  now(): number {
    return this.#context.now();
  }

  /** Opens both ports; rejects with the reason if one cannot be had. */
  async listen(): Promise<void> {
    const { name, host, mqttPort, wsPort } = this.#options;
    await Promise.all([
      listen(this.#mqtt, { name, host, port: mqttPort }),
      listen(this.#http, { name, host, port: wsPort }),
    ]);
  }

  onConnected(client: Client): void {
    const entry = this.#connections.get(client);
    if (entry === undefined) return;
    entry.clientId = client.session!.clientId;
    this.counters.live.add(1);
    this.#tell("connected", client, entry.clientId);
  }

  onEnded(client: Client): void {
    const entry = this.#connections.get(client);
    this.#connections.delete(client);
    if (entry === undefined || entry.clientId === UNKNOWN) return;
    this.counters.live.add(-1);
    this.#tell("disconnected", client, entry.clientId);
  }

  checkDeadlines(nowMs: number): void {
    for (const { connection } of this.#connections.values()) connection.checkDeadlines(nowMs);
  }

  /** Closes the ports and every connection; 5.0 clients are told that the server shuts down. */
  close(): void {
    this.#mqtt.close();
    this.#http.close();
    this.#http.closeIdleConnections();
    for (const client of [...this.#connections.keys()]) {
      if (client.session === null) client.finish();
      else client.end(REASON.serverShuttingDown);
    }
  }

  #welcome(stream: Duplex): void {
    if (this.#connections.size >= this.broker.limits.connectionsMax) {
      stream.on("error", () => stream.destroy());
      stream.destroy();
      return;
    }
    const connection = new ClientConnection(stream, this);
    this.#connections.set(connection.client, { connection, clientId: UNKNOWN });
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    const status = upgradeRefusal(request);
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    socket.setNoDelay(true);
    this.#ws.handleUpgrade(request, socket, head, (webSocket) => {
      // The stream below reports the first error and is destroyed by it; more tell nothing new.
      webSocket.on("error", () => webSocket.terminate());
      webSocket.on("message", (_, isBinary) => {
        if (!isBinary) webSocket.close(UNSUPPORTED_FRAME); // [MQTT-6.0.0-1]
      });
      this.#welcome(createWebSocketStream(webSocket));
    });
  }

  #tell(kind: "connected" | "disconnected", client: Client, clientId: string): void {
    publishClientEvent(this.broker, this.name, {
      kind,
      clientId,
      protocolVersion: client.version,
      listener: this.#options.host,
    });
  }
}

// Answers plain requests and leaves upgrades to whoever listens for them.
function makeUpgradeServer({ connectDeadlineMs, connectionsMax }: Limits): Server {
  const server = createHttpServer({
    connectionsCheckingInterval: HTTP_CHECK_INTERVAL_MS,
    headersTimeout: connectDeadlineMs,
    requestTimeout: connectDeadlineMs,
  });
  server.maxConnections = connectionsMax;
  server.on("request", (_, response) => {
    response.writeHead(426, { connection: "close" }).end("Speak MQTT over WebSocket here\n");
  });
  return server;
}

function makeWebSocketServer({ packetSizeMaxBytes }: Limits): WebSocketServer {
  return new WebSocketServer({
    noServer: true,
    maxPayload: PACKETS_PER_MESSAGE * packetSizeMaxBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => WEBSOCKET_PROTOCOLS.find((name) => offered.has(name)) ?? false,
  });
}

// The status line that refuses an upgrade, or null when it is in order.
function upgradeRefusal(request: IncomingMessage): string | null {
  const path = (request.url ?? "").split("?")[0];
  if (path !== WEBSOCKET_PATH) return "404 Not Found";
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",");
  const isKnown = offered.some((name) => WEBSOCKET_PROTOCOLS.includes(name.trim()));
  return isKnown ? null : "400 Bad Request";
}

/** Opens one port of a node. @throws NodeBindError that names the node and the address */
function listen(
  server: NetServer | Server,
  { name, host, port }: { name: string; host: string; port: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: NodeJS.ErrnoException) => {
      const { code = "unknown" } = cause;
      const reason = code === "EADDRINUSE" ? "is in use" : `is refused (${cause.message})`;
      const message = `Cannot bind ${name}: address ${host}:${port} ${reason}`;
      reject(new NodeBindError({ message, code, port }, { cause }));
    };
    server.once("error", refuse);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off("error", refuse);
      resolve();
    });
  });
}
