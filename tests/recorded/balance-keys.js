// What the clients of the recorded choices are known by: the same each time, by their number.

const BEGINNINGS = ["device", "sensor/house-3/room", "gw", "µ"];

/** @param {number} i */
export const clientId = (i) => `${BEGINNINGS[i % 4]}-${i * 7919}`;

/** @param {number} i */
export const ipv4 = (i) => `10.${(i * 37) & 255}.${(i * 101) & 255}.${((i >> 2) * 211 + 7) & 255}`;

/** @param {number} i */
export function ipv6(i) {
  const group = (/** @type {number} */ factor) => ((i * factor + 1) & 0xffff).toString(16);
  return `2001:db8:${group(7919)}::${group(104_729)}:${group(31)}`;
}
