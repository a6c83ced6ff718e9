import { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { Flusher, Outbox } from "./outbox.ts";

/** Notes the chunks it is given; takes them only while it is told to. */
class Sink extends Duplex {
  readonly calls: number[][] = [];
  readonly chunks: Buffer[] = [];
  blocked = false;

  override _read(): void {}

  override _writev(parts: { chunk: Buffer }[], done: () => void): void {
    this.calls.push(parts.map(({ chunk }) => chunk.length));
    this.chunks.push(...parts.map(({ chunk }) => chunk));
    if (!this.blocked) done();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe("Outbox", () => {
  it("sends in one write, and in order, what one turn brought", async () => {
    const sink = new Sink();
    const outbox = new Outbox(sink, new Flusher(), () => {});
    for (const text of ["a", "b", "c"]) outbox.push(Buffer.from(text));
    expect([sink.calls.length, outbox.waiting]).toEqual([0, 3]);
    await turn();
    expect(sink.calls).toEqual([[3]]);
    expect(Buffer.concat(sink.chunks).toString()).toBe("abc");
    expect(outbox.waiting).toBe(0);
  });

  it("does not copy large parts", async () => {
    const sink = new Sink();
    const outbox = new Outbox(sink, new Flusher(), () => {});
    const large = Buffer.alloc(100_000, 1);
    const parts = [Buffer.from("aa"), Buffer.from("b"), large, Buffer.from("c"), large];
    for (const part of parts) outbox.push(part);
    await turn();
    expect(sink.calls).toEqual([[3, 100_000, 1, 100_000]]);
    expect(Buffer.concat(sink.chunks).equals(Buffer.concat(parts))).toBe(true);
    expect(sink.chunks[1]).toBe(large);
  });

  it("counts as waiting what the kernel has not taken", async () => {
    const sink = new Sink();
    sink.blocked = true;
    const outbox = new Outbox(sink, new Flusher(), () => {});
    outbox.push(Buffer.alloc(10));
    await turn();
    outbox.push(Buffer.alloc(5));
    expect(outbox.waiting).toBe(15);
  });

  it("drops what is left for a socket that is gone", async () => {
    const sink = new Sink();
    const outbox = new Outbox(sink, new Flusher(), () => {});
    outbox.push(Buffer.alloc(10));
    sink.destroy();
    await turn();
    expect([sink.calls.length, outbox.waiting]).toEqual([0, 0]);
  });

  it("says when there is room again, whether the stream was ever full or not", async () => {
    const sink = new Sink();
    let drained = 0;
    const outbox = new Outbox(sink, new Flusher(), () => drained++);
    outbox.push(Buffer.alloc(10));
    await turn();
    expect(drained).toBe(1);
    outbox.push(Buffer.alloc(1_000_000));
    await turn();
    await turn();
    expect(drained).toBe(2);
  });
});
