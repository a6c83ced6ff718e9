// A starting line for threads: nobody runs before all are there.

/** @param start shared, four bytes, zero at first */
export function waitForAll(start: SharedArrayBuffer, threads: number): void {
  const word = new Int32Array(start);
  Atomics.add(word, 0, 1);
  Atomics.notify(word, 0);
  for (;;) {
    const there = Atomics.load(word, 0);
    if (there >= threads) return;
    Atomics.wait(word, 0, there);
  }
}
