// Times one function: rounds of many calls after a warm-up, the best and the middle round reported.
// Numbers are of this machine and this moment; nothing asserts them.

/**
 * @param {string} name
 * @param {number} callsPerRound how many operations one call of `round` makes
 * @param {() => number} round returns something that depends on all its work
 */
export function measure(name, callsPerRound, round) {
  const rounds = 60;
  let sink = 0;
  for (let index = 0; index < 20; index++) sink += round();
  const times = [];
  for (let index = 0; index < rounds; index++) {
    const before = process.hrtime.bigint();
    sink += round();
    times.push(Number(process.hrtime.bigint() - before) / callsPerRound);
  }
  times.sort((a, b) => a - b);
  const [best, middle] = [times[0], times[rounds / 2]].map((time) => time.toFixed(1).padStart(8));
  console.log(`${name.padEnd(48)} best ${best} ns, middle ${middle} ns  (${sink % 10})`);
}
