// The ascending order of 32-bit keys, equal keys as they stood: a radix sort of indexes.
//
// O(keys), for rings of millions of points. Allocates two arrays as long as the keys.

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** @returns the indexes of `keys`, that of the lowest first */
export function radixOrder(keys: Uint32Array): Int32Array {
  let order = new Int32Array(keys.length);
  for (let i = 0; i < keys.length; i++) order[i] = i;
  let other = new Int32Array(keys.length);
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    sortByDigit(keys, order, other, shift);
    [order, other] = [other, order];
  }
  return order;
}

function sortByDigit(keys: Uint32Array, from: Int32Array, to: Int32Array, shift: number): void {
  const starts = new Int32Array(DIGITS + 1);
  for (let i = 0; i < keys.length; i++) starts[((keys[i]! >>> shift) & (DIGITS - 1)) + 1]!++;
  for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1]! += starts[digit]!;
  for (let i = 0; i < from.length; i++) {
    const index = from[i]!;
    const digit = (keys[index]! >>> shift) & (DIGITS - 1);
    to[starts[digit]!] = index;
    starts[digit]!++;
  }
}
