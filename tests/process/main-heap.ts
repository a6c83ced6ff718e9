// The JavaScript heap of a Fairlead's first thread, where plans are made, by way of Node's
// inspector: with what nobody holds any more collected, so that a size says what is held and not
// how late V8 is.
//
// Workers answer no inspector while they wait for the kernel.

import { WebSocket } from "ws";
import { waitUntil } from "./wait-until.ts";

interface Answer {
  readonly id: number;
  readonly result: { readonly usedSize?: number };
}

/** @returns what makes a Fairlead inspectable on this port of loopback: its environment */
export function inspectableAt(port: number): { readonly NODE_OPTIONS: string } {
  return { NODE_OPTIONS: `--inspect=127.0.0.1:${port}` };
}

/** Collects garbage, and gives the pages of it back to the kernel. @returns bytes still in use */
export async function collectMainHeap(port: number): Promise<number> {
  const [target] = (await (await fetch(`http://127.0.0.1:${port}/json`)).json()) as [
    { readonly webSocketDebuggerUrl: string },
  ];
  const socket = new WebSocket(target.webSocketDebuggerUrl, { perMessageDeflate: false });
  const answers: Answer[] = [];
  socket.on("message", (text) => answers.push(JSON.parse(String(text)) as Answer));
  await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
  const ask = async (id: number, method: string): Promise<Answer> => {
    socket.send(JSON.stringify({ id, method }));
    return await waitUntil(`${method} is done`, () => answers.find((each) => each.id === id));
  };
  // The second finds what the first has ended; each runs in a turn of its own.
  await ask(1, "HeapProfiler.collectGarbage");
  await ask(2, "HeapProfiler.collectGarbage");
  const { result } = await ask(3, "Runtime.getHeapUsage");
  socket.close();
  return result.usedSize!;
}
