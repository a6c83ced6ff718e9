// The keys that session tickets are encrypted with (RFC 5077; RFC 8446, 4.6.1): one set for all
// workers, so that a client may resume with any of them.
//
// A new key takes over every `rotateMs`; those before it still decrypt, until KEYS_KEPT_MAX newer
// ones are there. Kept in memory only: after a restart of Fairlead sessions begin anew.

import { randomFillSync } from "node:crypto";

/** A name (16), a key for HMAC (32) and one for AES (32). */
export const TICKET_KEY_SIZE = 80;
export const KEYS_KEPT_MAX = 3;

export interface TicketKeysOptions {
  readonly rotateMs: number;
  /** Called with all keys after each change; the first one encrypts. */
  readonly onChange: (keys: readonly Uint8Array[]) => void;
}

export class TicketKeys {
  private readonly options: TicketKeysOptions;
  private kept: readonly Uint8Array[] = [drawKey()];
  private timer: NodeJS.Timeout | null = null;

  constructor(options: TicketKeysOptions) {
    this.options = options;
  }

  /** The newest first. */
  get keys(): readonly Uint8Array[] {
    return this.kept;
  }

  start(): void {
    this.timer ??= setInterval(() => this.rotate(), this.options.rotateMs).unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  rotate(): void {
    this.kept = [drawKey(), ...this.kept].slice(0, KEYS_KEPT_MAX);
    this.options.onChange(this.kept);
  }
}

function drawKey(): Uint8Array {
  return randomFillSync(new Uint8Array(TICKET_KEY_SIZE));
}
