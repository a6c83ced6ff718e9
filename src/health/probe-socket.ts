// Holds one conversation with one server over TCP, and TLS where the check has it: connects, keeps
// the deadline, closes cleanly.
//
// Bounded by one deadline for everything, the goodbye included; time in which this process stood
// still is given once more, since what the server said in it has not been read. Ends with FIN and
// waits for the other side's, so that no broker sees a reset; a server that is out of time is cut.
// Resolves when the socket is closed, never rejects. What is said is the conversation's affair.

import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { assert } from "../assert.ts";
import {
  type Endpoint,
  endpointPort,
  formatAddress,
  isIpv4Mapped,
  makeEndpoint,
} from "../bytes/endpoint.ts";
import { type CheckFinding, type CheckResult, failure } from "./check-result.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Conversation, Turn } from "./conversation.ts";
import type { ProbeTransport } from "./probe-transport.ts";

export interface ProbeSocketOptions {
  readonly endpoint: Endpoint;
  readonly transport: ProbeTransport;
  readonly conversation: Conversation;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Aborting it cuts the probe, which then ends inconclusive. */
  readonly signal: AbortSignal;
}

/** Errors of connect(2) that are about our own machine, not about the server. */
const OUR_OWN_ERRORS: Readonly<Record<string, string>> = {
  EMFILE: "this process has too many open files",
  ENFILE: "this machine has too many open files",
  ENOBUFS: "this machine has no socket buffers left",
  ENOMEM: "this machine has no memory left",
  EADDRNOTAVAIL: "this machine has no local port left, or not the address of source",
};

const SERVER_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network unreachable",
  EPIPE: "connection closed",
  ETIMEDOUT: "connection timed out",
};

/** A deadline that comes so much too late says that we were held up, not the server. */
const HELD_UP_MS = 100;

/** How far the connection has come; what goes wrong is told by it. */
type Layer = "transport" | "tls" | "conversation";

/** Holds the conversation. @returns what it found */
export function holdConversation(options: ProbeSocketOptions): Promise<CheckResult> {
  return new Promise((resolve) => new ProbeSocket(options, resolve).start());
}

class ProbeSocket {
  private readonly options: ProbeSocketOptions;
  private readonly resolve: (result: CheckResult) => void;
  private readonly startedAtMs: number;
  private readonly socket: Socket;
  /** What the conversation is held over: `socket`, or TLS on it. */
  private stream: Socket;
  private layer: Layer = "transport";
  private deadline: Timer | null = null;
  private dueAtMs = 0;
  /** Whether it was given the time again in which we stood still. */
  private hadMoreTime = false;
  /** Set once; everything after it is the goodbye. */
  private result: CheckResult | null = null;

  constructor(options: ProbeSocketOptions, resolve: (result: CheckResult) => void) {
    this.options = options;
    this.resolve = resolve;
    this.startedAtMs = options.clock.now();
    const { endpoint } = options;
    const source = this.sourceFor(endpoint);
    this.socket = connect({
      host: formatAddress(endpoint, 0),
      port: endpointPort(endpoint, 0),
      noDelay: true,
      ...(source === null ? {} : { localAddress: source }),
    });
    this.stream = this.socket;
  }

  // What is checked may be at another address than what clients are sent to.
  private sourceFor(endpoint: Endpoint): string | null {
    const { source } = this.options.transport;
    if (source === null || isIpv4Mapped(source, 0) !== isIpv4Mapped(endpoint, 0)) return null;
    return formatAddress(source, 0);
  }

  start(): void {
    const { timeoutMs, signal } = this.options;
    this.setDeadline(timeoutMs);
    signal.addEventListener("abort", this.onAbort);
    this.socket.on("connect", () => this.onConnect());
    this.socket.on("error", (error: NodeJS.ErrnoException) => this.onError(error));
    this.socket.on("close", () => this.onClose());
    if (signal.aborted) this.onAbort();
  }

  private onConnect(): void {
    const { preface, tls } = this.options.transport;
    if (preface !== null) this.socket.write(preface(this.ownEndpoint(), this.options.endpoint));
    if (tls === null) {
      this.converse();
      return;
    }
    this.layer = "tls";
    const stream = connectTls({ ...tls, socket: this.socket });
    this.stream = stream;
    stream.on("secureConnect", () => this.converse());
    stream.on("error", (error: NodeJS.ErrnoException) => this.onError(error));
    // TLS holds the socket open until told; the end of TLS is the end of the probe.
    stream.on("close", () => this.socket.destroy());
  }

  private ownEndpoint(): Endpoint {
    const { localAddress = "", localPort = 0 } = this.socket;
    const endpoint = makeEndpoint(localAddress, localPort);
    assert(endpoint !== null, "a connected socket has an address");
    return endpoint;
  }

  private converse(): void {
    this.layer = "conversation";
    this.stream.on("data", (bytes) => this.onBytes(bytes));
    this.stream.on("end", () => this.onEnd());
    this.take(this.options.conversation.onConnect());
  }

  private onBytes(bytes: Uint8Array): void {
    if (this.result === null) this.take(this.options.conversation.onBytes(bytes));
  }

  private take({ send, finding }: Turn): void {
    if (send !== null) this.stream.write(send);
    if (finding === null) return;
    this.find(finding);
    this.stream.end();
  }

  private onEnd(): void {
    if (this.result !== null) return;
    this.take(this.options.conversation.onEnd());
    const { awaited } = this.options.conversation;
    this.find(failure("L7RSP", `connection closed before ${awaited}`));
  }

  private onError(error: NodeJS.ErrnoException): void {
    const code = error.code ?? "";
    const ours = OUR_OWN_ERRORS[code];
    if (ours !== undefined) {
      this.find({ outcome: "inconclusive", code: "SOCKERR", sentence: ours });
      return;
    }
    const { awaited } = this.options.conversation;
    const sentence = SERVER_ERRORS[code] ?? error.message;
    const findings: Record<Layer, CheckFinding> = {
      transport: failure("L4CON", sentence),
      tls: failure("L6RSP", `${sentence} during the TLS handshake`),
      conversation: failure("L7RSP", `${sentence} before ${awaited}`),
    };
    this.find(findings[this.layer]);
    this.socket.destroy();
  }

  private setDeadline(delayMs: number): void {
    const { clock } = this.options;
    this.dueAtMs = clock.now() + delayMs;
    this.deadline = clock.setTimer(() => this.onDeadline(), delayMs);
  }

  private onDeadline(): void {
    const { clock, conversation, timeoutMs } = this.options;
    const lateMs = clock.now() - this.dueAtMs;
    if (lateMs > HELD_UP_MS && !this.hadMoreTime) {
      this.hadMoreTime = true;
      this.setDeadline(Math.min(lateMs, timeoutMs));
      return;
    }
    const findings: Record<Layer, CheckFinding> = {
      transport: failure("L4TOUT", `no connection within ${timeoutMs} ms`),
      tls: failure("L6TOUT", `no end of the TLS handshake within ${timeoutMs} ms`),
      conversation: failure("L7TOUT", `no ${conversation.awaited} within ${timeoutMs} ms`),
    };
    this.find(findings[this.layer]);
    this.socket.destroy();
  }

  private readonly onAbort = (): void => {
    this.find({ outcome: "inconclusive", code: "INI", sentence: "check stopped" });
    this.socket.destroy();
  };

  private onClose(): void {
    const { clock, signal } = this.options;
    if (this.deadline !== null) clock.clearTimer(this.deadline);
    signal.removeEventListener("abort", this.onAbort);
    const code = this.layer === "tls" ? "L6RSP" : "L7RSP";
    this.find(failure(code, "connection closed"));
    if (this.result !== null) this.resolve(this.result);
  }

  // The first finding counts; what happens during the goodbye changes nothing.
  private find(finding: CheckFinding): void {
    this.result ??= { ...finding, durationMs: this.options.clock.now() - this.startedAtMs };
  }
}
