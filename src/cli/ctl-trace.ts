// `fairlead ctl trace`: the packets of a client, as they pass.
//
// Ends with the client's connection, after so many packets, after so long, or at Ctrl-C.

import type { ShownTrace } from "../admin/trace-events.ts";
import { askAdmin } from "./admin-client.ts";
import { type Ctl, printable } from "./ctl-target.ts";
import { followEvents } from "./event-blocks.ts";
import { EXIT_OK, EXIT_PROBLEM, type ExitCode } from "./exit-code.ts";
import { formatTrace } from "./format-trace.ts";

/** Bytes of each packet: enough for heads, and as much as there is where payloads are shown. */
const BYTES_OF_HEADS = 1_024;
const BYTES_WITH_PAYLOAD = 8_192;

export interface TraceOptions {
  readonly payload: boolean;
  /** Stays when the client has gone. */
  readonly follow: boolean;
  /** Packets. */
  readonly count?: number;
  /** Milliseconds. */
  readonly for?: number;
}

export async function ctlTrace(
  ctl: Ctl,
  clientId: string,
  options: TraceOptions,
): Promise<ExitCode> {
  await tellAbsence(ctl, clientId);
  const end = new AbortController();
  const timer = options.for === undefined ? null : setTimeout(() => end.abort(), options.for);
  try {
    const isDone = await printPackets(ctl, pathFor(clientId, options), options, end);
    if (isDone || end.signal.aborted) return EXIT_OK;
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
  ctl.printer.complain("Fairlead has ended the trace");
  return EXIT_PROBLEM;
}

// Silence would leave people wondering whether they have the right name.
async function tellAbsence({ target, printer }: Ctl, clientId: string): Promise<void> {
  const query = new URLSearchParams({ clientId, limit: "1" });
  const { total } = await askAdmin<{ total: number }>(target, `/api/v1/connections?${query}`);
  if (total > 0) return;
  const name = printable(clientId);
  printer.complain(`No client "${name}" is connected: its packets are shown when it comes`);
}

function pathFor(clientId: string, { payload, follow }: TraceOptions): string {
  const bytes = payload ? BYTES_WITH_PAYLOAD : BYTES_OF_HEADS;
  const query = { client: clientId, payload: `${payload}`, follow: `${follow}`, bytes: `${bytes}` };
  return `/api/v1/traces?${new URLSearchParams(query)}`;
}

// @returns whether the trace has come to its end
async function printPackets(
  { target, printer, isJson }: Ctl,
  path: string,
  { count = Number.POSITIVE_INFINITY, follow }: TraceOptions,
  end: AbortController,
): Promise<boolean> {
  const open = new Set<string>();
  let packets = 0;
  let hasEnded = false;
  for await (const shown of followEvents<ShownTrace>(target, { path, signal: end.signal })) {
    const lines = isJson ? [JSON.stringify(shown)] : formatTrace(shown);
    for (const line of lines) printer.print(line);
    if (shown.event === "opened") open.add(shown.connection);
    if (shown.event === "closed") open.delete(shown.connection);
    hasEnded = shown.event === "closed" && open.size === 0 && !follow;
    if (shown.event === "packet" && ++packets >= count) {
      end.abort();
      break;
    }
  }
  return hasEnded;
}
