// A payload of 64 MiB through a reader that is slower than its writer, in both directions: it
// arrives as it was sent, and Fairlead holds no more of it than its buffers.
import type { ChildProcess } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { startBalancer } from "./balancer.ts";
import { JsClient } from "./clients.ts";
import { closeAtEnd } from "./close-at-end.ts";
import type { Fairlead } from "./fairlead.ts";
import { Mosquitto } from "./mosquitto.ts";
import { endProcess, spawnPeer } from "./peer-program.ts";
import { privateDirtyBytes } from "./process-facts.ts";
import { waitUntil } from "./wait-until.ts";

const MIB = 1024 * 1024;
const PAYLOAD_SIZE = 64 * MIB;
const BUFFER_MEMORY = 4 * MIB;
/** What the JavaScript heaps of the process may gain and lose meanwhile. */
const HEAP_SLACK = 16 * MIB;

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-payload-"));
  closeAtEnd({ close: () => rmSync(folder, { recursive: true, force: true }) });
  return folder;
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** A mosquitto_sub that ends with the first message, whose payload goes to a file. */
function spawnSubscriber(port: number, path: string): ChildProcess {
  const output = openSync(path, "w");
  const where = ["-h", "127.0.0.1", "-p", `${port}`, "-i", "subscriber"];
  const child = spawnPeer("mosquitto_sub", [...where, "-t", "large", "-q", "1", "-N", "-C", "1"], {
    stdio: ["ignore", output, "inherit"],
  });
  closeSync(output);
  closeAtEnd({ close: () => endProcess(child, "SIGKILL") });
  return child;
}

/** The most memory that a process was seen with while something went on. */
class MemoryWatch {
  private readonly pid: number;
  private readonly before: number;
  private most: number;

  constructor(pid: number) {
    this.pid = pid;
    this.before = privateDirtyBytes(pid);
    this.most = this.before;
  }

  look(): void {
    this.most = Math.max(this.most, privateDirtyBytes(this.pid));
  }

  get growth(): number {
    return this.most - this.before;
  }
}

/** Whether nothing has moved towards clients between two looks. */
async function isStuck(fairlead: Fairlead): Promise<boolean> {
  const sent = () => fairlead.fetchMetric("fairlead_clients_sent_bytes_total");
  const before = await sent();
  await sleep(50);
  return before > MIB && before < PAYLOAD_SIZE && (await sent()) === before;
}

/** Signals a process. @returns false when it has ended, which may be before anybody is told */
function signal(pid: number, name: "SIGCONT" | "SIGSTOP"): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** Lets a process run in short spells only, until it has ended or what it does is done. */
async function runInSpells(pid: number, isDone: () => boolean, look: () => void): Promise<void> {
  for (let spell = 0; spell < 60 && !isDone(); spell++) {
    if (!signal(pid, "SIGCONT")) return;
    await sleep(5);
    if (isDone() || !signal(pid, "SIGSTOP")) return;
    look();
    await sleep(5);
  }
  signal(pid, "SIGCONT");
}

it("a payload of 64 MiB passes a slow broker and a slow subscriber", async () => {
  const broker = closeAtEnd(await Mosquitto.start());
  const { port, fairlead } = await startBalancer({
    servers: [broker.address],
    sections: [`limits: { bufferMemory: ${BUFFER_MEMORY / MIB}MiB, packetSize: 128MiB }`],
  });
  const folder = makeFolder();
  const payload = randomBytes(PAYLOAD_SIZE);
  const subscriber = spawnSubscriber(port, join(folder, "received"));
  await waitUntil("it is subscribed", () => {
    return broker.logLines.some((line) => line.includes("Sending SUBACK to subscriber"));
  });
  const memory = new MemoryWatch(fairlead.pid);

  const publisher = closeAtEnd(await JsClient.connect(port, { clientId: "publisher" }));
  process.kill(broker.pid!, "SIGSTOP");
  process.kill(subscriber.pid!, "SIGSTOP");
  let isPublished = false;
  const publishing = publisher.client.publishAsync("large", payload, { qos: 1 }).then(() => {
    isPublished = true;
  });
  await waitUntil("the publisher is not read any more", async () => {
    return (await fairlead.fetchMetric("fairlead_receive_pauses_total")) > 0;
  });
  await runInSpells(
    broker.pid!,
    () => isPublished,
    () => memory.look(),
  );
  await publishing;

  // The subscriber has not read a byte so far: what the broker has sent it is stuck in Fairlead.
  await waitUntil("the broker is not read any more", () => isStuck(fairlead));
  memory.look();
  const isReceived = () => subscriber.exitCode !== null;
  await runInSpells(subscriber.pid!, isReceived, () => memory.look());
  if (!isReceived()) await once(subscriber, "exit");
  expect(subscriber.exitCode).toBe(0);
  expect(hashOf(readFileSync(join(folder, "received")))).toBe(hashOf(payload));
  console.log(`64 MiB both ways: at most ${Math.round(memory.growth / 1024)} KiB more memory`);
  expect(memory.growth).toBeLessThan(BUFFER_MEMORY + HEAP_SLACK);
  await expect.poll(() => fairlead.fetchMetric("fairlead_buffer_pool_dry_total")).toBe(0);
  expect(broker.complaints).toEqual([]);
});
