// What the operator wants logged, where and how, checked and resolved. Types only: config/ makes
// them, and everything here takes them.

import type { Escape } from "./nginx-template.ts";
import type { Facility, Header, Level } from "./syslog-names.ts";

/** Where lines go. */
export type Destination =
  | { readonly kind: "stdout" }
  /** Host names are looked up when the outlet is opened. */
  | { readonly kind: "udp" | "tcp"; readonly host: string; readonly port: number }
  /** A Unix datagram socket such as /dev/log. */
  | { readonly kind: "unix"; readonly path: string }
  /** Opened again at each reload, for those who rotate it. */
  | { readonly kind: "file"; readonly path: string };

/** How the line of a connection looks; all else is JSON with `json`, a sentence otherwise. */
export type LineSettings =
  | { readonly kind: "json" }
  /** For people; to standard output only. */
  | { readonly kind: "pretty" }
  /** HAProxy's `option tcplog`. */
  | { readonly kind: "tcplog" }
  /** HAProxy's `log-format`. */
  | { readonly kind: "haproxy"; readonly template: string }
  /** nginx's `log_format`, of its stream module. */
  | { readonly kind: "nginx"; readonly template: string; readonly escape: Escape };

/** Which connections leave a line. */
export interface AccessSettings {
  readonly isOn: boolean;
  /** Of so many that would leave a line, one does. */
  readonly sampleOf: number;
  /** Those alone that ended by a fault of somebody. */
  readonly faultsOnly: boolean;
  /** None for clients that came and went without a byte. */
  readonly skipsEmpty: boolean;
  /** Indexes into CLOSE_REASONS; null: all. */
  readonly reasons: readonly number[] | null;
  /** Keys of the file; null: all. */
  readonly listeners: readonly string[] | null;
  /** The level of those that ended by a fault; the others have `info`. */
  readonly faultLevel: Level;
}

export interface OutletSettings {
  readonly to: Destination;
  readonly line: LineSettings;
  /** What stands before each line; `raw` for nothing. */
  readonly header: Header;
  readonly facility: Facility;
  /** Lines that are less severe are left out. */
  readonly level: Level;
  /** Lines that are more severe are sent as this. */
  readonly levelCap: Level;
  readonly tag: string;
  /** Null: the name of this machine. */
  readonly host: string | null;
  /** Bytes of one message. */
  readonly lengthMax: number;
  /** How messages are told apart on TCP (RFC 6587, 3.4). */
  readonly framing: "octet-counting" | "newline";
  readonly access: AccessSettings;
  /** Whether what happens to Fairlead itself leaves a line here. */
  readonly takesEvents: boolean;
}
