// Holds one conversation with one server over TCP: connects, keeps the deadline, closes cleanly.
//
// Bounded by one deadline for everything, the goodbye included. Ends with FIN and waits for the
// other side's, so that no broker sees a reset; a server that is out of time is cut. Resolves when
// the socket is closed, never rejects. What is said is the conversation's affair.

import { connect, type Socket } from "node:net";
import { type Endpoint, endpointPort, formatAddress } from "../bytes/endpoint.ts";
import type { CheckFinding, CheckResult } from "./check-result.ts";
import type { Clock, Timer } from "./clock.ts";
import type { Conversation, Turn } from "./conversation.ts";

export interface ProbeSocketOptions {
  readonly endpoint: Endpoint;
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
  EADDRNOTAVAIL: "this machine has no local port left",
};

const SERVER_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "no route to host",
  ENETUNREACH: "network unreachable",
  ETIMEDOUT: "connection timed out",
};

/** Holds the conversation. @returns what it found */
export function probe(options: ProbeSocketOptions): Promise<CheckResult> {
  return new Promise((resolve) => new ProbeSocket(options, resolve).start());
}

class ProbeSocket {
  private readonly options: ProbeSocketOptions;
  private readonly resolve: (result: CheckResult) => void;
  private readonly startedAtMs: number;
  private readonly socket: Socket;
  private deadline: Timer | null = null;
  private isConnected = false;
  /** Set once; everything after it is the goodbye. */
  private result: CheckResult | null = null;

  constructor(options: ProbeSocketOptions, resolve: (result: CheckResult) => void) {
    this.options = options;
    this.resolve = resolve;
    this.startedAtMs = options.clock.now();
    const { endpoint } = options;
    this.socket = connect({
      host: formatAddress(endpoint, 0),
      port: endpointPort(endpoint, 0),
      noDelay: true,
    });
  }

  start(): void {
    const { clock, timeoutMs, signal } = this.options;
    this.deadline = clock.setTimer(() => this.onDeadline(), timeoutMs);
    signal.addEventListener("abort", this.onAbort);
    this.socket.on("connect", () => this.onConnect());
    this.socket.on("data", (bytes) => this.onBytes(bytes));
    this.socket.on("end", () => this.onEnd());
    this.socket.on("error", (error: NodeJS.ErrnoException) => this.onError(error));
    this.socket.on("close", () => this.onClose());
    if (signal.aborted) this.onAbort();
  }

  private onConnect(): void {
    this.isConnected = true;
    this.take(this.options.conversation.onConnect());
  }

  private onBytes(bytes: Uint8Array): void {
    if (this.result === null) this.take(this.options.conversation.onBytes(bytes));
  }

  private take({ send, finding }: Turn): void {
    if (send !== null) this.socket.write(send);
    if (finding === null) return;
    this.find(finding);
    this.socket.end();
  }

  private onEnd(): void {
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
    const sentence = SERVER_ERRORS[code] ?? error.message;
    if (!this.isConnected) this.find(failure("L4CON", sentence));
    else this.find(failure("L7RSP", `${sentence} before ${this.options.conversation.awaited}`));
  }

  private onDeadline(): void {
    const { conversation, timeoutMs } = this.options;
    if (!this.isConnected) this.find(failure("L4TOUT", `no connection within ${timeoutMs} ms`));
    else this.find(failure("L7TOUT", `no ${conversation.awaited} within ${timeoutMs} ms`));
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
    this.find(failure("L7RSP", "connection closed"));
    if (this.result !== null) this.resolve(this.result);
  }

  // The first finding counts; what happens during the goodbye changes nothing.
  private find(finding: CheckFinding): void {
    this.result ??= { ...finding, durationMs: this.options.clock.now() - this.startedAtMs };
  }
}

function failure(code: CheckFinding["code"], sentence: string): CheckFinding {
  return { outcome: "failed", code, sentence };
}
