// The known name that an unknown one was most likely meant to be.
//
// Pure; bounded by the list of names and NAME_SIZE_MAX, since the effort grows with both lengths.

const NAME_SIZE_MAX = 64;

/** @returns a name at most a third of its length away, or null */
export function nearestName(name: string, known: Iterable<string>): string | null {
  if (name.length > NAME_SIZE_MAX) return null;
  let nearest: string | null = null;
  let shortest = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    if (Math.abs(candidate.length - name.length) >= shortest) continue;
    const distance = editDistance(name, candidate);
    if (distance >= shortest) continue;
    shortest = distance;
    nearest = candidate;
  }
  return nearest;
}

/** `; did you mean "x"?`, or nothing. */
export function suggestion(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === null ? "" : `; did you mean "${nearest}"?`;
}

// Levenshtein's distance, neighbours that changed places counting once; one row at a time.
function editDistance(a: string, b: string): number {
  let last: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swapped ? last[j - 2]! + 1 : change;
      next.push(Math.min(change, swap, row[j]! + 1, next[j - 1]! + 1));
    }
    last = row;
    row = next;
  }
  return row[b.length]!;
}
