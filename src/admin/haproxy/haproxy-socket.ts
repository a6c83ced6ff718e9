// The socket that speaks as HAProxy's does, for tools made for HAProxy: hatop, exporters, scripts.
//
// A line is answered and the connection closed, unless `prompt` was said before. Bounded: clients,
// the length of a line, answers that nobody reads. Does not know what commands do.

import { chmodSync, existsSync, lstatSync, unlinkSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import type { HaproxySocketSettings } from "../../config/settings.ts";
import { bindReasonOfError } from "../../supervisor/bind-reason.ts";
import type { Audit } from "../access/audit.ts";
import type { CommandParts } from "./command.ts";
import { type CommandContext, help, runCommand, splitCommands } from "./run-command.ts";

const CLIENTS_MAX = 32;
/** What HAProxy's own buffer takes. */
const LINE_SIZE_MAX = 16_384;
const IDLE_MS = 10_000;
/** Whoever said `prompt` may think for longer. */
const PROMPT_IDLE_MS = 24 * 3_600_000;
// Refusals are counted with those of HTTP, by the statuses that mean the same there.
const TOO_LARGE = 413;
const TOO_MANY = 503;

export interface HaproxySocketParts extends CommandParts {
  readonly audit: Pick<Audit, "refused">;
}

interface ConversationContext extends CommandContext {
  /** Counts and tells of a client that is hung up on. */
  readonly refuse: (status: number, reason: string) => void;
}

export class HaproxySocket {
  private readonly server: Server;
  private readonly clients = new Set<Socket>();

  /** @throws Error when the address cannot be bound */
  static async start(
    settings: HaproxySocketSettings,
    parts: HaproxySocketParts,
  ): Promise<HaproxySocket> {
    const { address, mode } = settings;
    if (address.kind === "unix") await removeLeftOver(address.path);
    const socket = new HaproxySocket(settings, parts);
    const where =
      address.kind === "unix"
        ? { path: address.path }
        : { host: address.listen.host, port: address.listen.port };
    await socket.listen(where);
    if (address.kind === "unix") chmodSync(address.path, mode);
    return socket;
  }

  private constructor(settings: HaproxySocketSettings, parts: HaproxySocketParts) {
    const refuse = (from: string, status: number, reason: string) => {
      parts.audit.refused({ from, status, reason: `HAProxy socket: ${reason}` });
    };
    this.server = createServer((client) => {
      this.clients.add(client);
      client.once("close", () => this.clients.delete(client));
      const from = client.remoteAddress ?? "unix";
      new Conversation(client, {
        ...{ ...parts, level: settings.level, from },
        refuse: (status, reason) => refuse(from, status, reason),
      });
    });
    this.server.maxConnections = CLIENTS_MAX;
    this.server.on("drop", (dropped) => {
      const from = dropped?.remoteAddress ?? "unix";
      refuse(from, TOO_MANY, `${CLIENTS_MAX} clients are connected`);
    });
  }

  async stop(): Promise<void> {
    for (const client of this.clients) client.destroy();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async listen(where: { path: string } | { host: string; port: number }): Promise<void> {
    const text = "path" in where ? where.path : `${where.host}:${where.port}`;
    try {
      await new Promise<void>((resolve, reject) => {
        this.server.once("error", reject);
        // It is bound within the call: between that and chmod nobody else may come in.
        const before = process.umask(0o177);
        this.server.listen(where, resolve);
        process.umask(before);
      });
    } catch (cause) {
      const reason = "path" in where ? pathReasonOf(where.path, cause) : bindReasonOfError(cause);
      const sentence = `Cannot bind admin.haproxySocket: ${text} ${reason ?? "is refused"}`;
      throw new Error(sentence, reason === null ? { cause } : {});
    }
  }
}

// Node has one code for a folder that is not there and for one where nothing may be made.
function pathReasonOf(path: string, cause: unknown): string | null {
  const code = cause instanceof Error && "code" in cause ? cause.code : "";
  if (code !== "EACCES") return bindReasonOfError(cause);
  const folder = dirname(path);
  if (!existsSync(folder)) return `is in a folder that does not exist, "${folder}"`;
  return `is in "${folder}", where this process may make nothing`;
}

/** A socket that a process left behind when it died is nobody's. */
async function removeLeftOver(path: string): Promise<void> {
  if (!existsSync(path) || !lstatSync(path).isSocket()) return;
  const isAnswered = await new Promise<boolean>((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => resolve(true));
    probe.once("error", () => resolve(false));
    probe.once("close", () => probe.destroy());
    probe.once("connect", () => probe.destroy());
  });
  if (!isAnswered) unlinkSync(path);
}

/** One client: lines come, answers go, in order. */
class Conversation {
  private readonly client: Socket;
  private readonly context: ConversationContext;
  private text = "";
  private isPrompting = false;
  private isBusy = false;

  constructor(client: Socket, context: ConversationContext) {
    this.client = client;
    this.context = context;
    client.setTimeout(IDLE_MS, () => client.destroy());
    // Whoever resets has left: close follows.
    client.on("error", () => {});
    client.setEncoding("utf8");
    client.on("data", (text: string) => this.onText(text));
    client.on("end", () => {
      if (this.text !== "") this.onText("\n");
    });
  }

  private onText(text: string): void {
    this.text += text;
    if (this.text.length > LINE_SIZE_MAX) {
      this.context.refuse(TOO_LARGE, `a line is longer than ${LINE_SIZE_MAX} characters`);
      this.client.destroy();
      return;
    }
    if (!this.isBusy) void this.answerLines();
  }

  // One after the other, reading no more meanwhile than there is already.
  private async answerLines(): Promise<void> {
    this.isBusy = true;
    this.client.pause();
    for (;;) {
      const end = this.text.indexOf("\n");
      if (end < 0 || this.client.destroyed) break;
      const line = this.text.slice(0, end);
      this.text = this.text.slice(end + 1);
      const goesOn = await this.answer(line);
      if (goesOn) continue;
      this.client.end();
      return;
    }
    this.isBusy = false;
    this.client.resume();
  }

  /** @returns whether another line may come */
  private async answer(line: string): Promise<boolean> {
    for (const words of splitCommands(line)) {
      const [first] = words;
      if (first === "quit" || first === "exit") return false;
      if (first === "prompt") {
        this.isPrompting = !this.isPrompting;
        this.client.setTimeout(PROMPT_IDLE_MS);
        continue;
      }
      const isHelp = first === "help" || first === "?";
      const text = isHelp ? help(this.context.level) : await runCommand(words, this.context);
      await this.write(`${text}\n`);
    }
    if (this.isPrompting) await this.write("\n> ");
    return this.isPrompting;
  }

  private async write(text: string): Promise<void> {
    if (this.client.destroyed || this.client.write(text)) return;
    await new Promise<void>((resolve) => {
      this.client.once("drain", resolve);
      this.client.once("close", () => resolve());
    });
  }
}
