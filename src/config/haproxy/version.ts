// Versions of HAProxy: `2.6`, `3.3-dev4`, `2.6.12-1+deb12u4`; which one a file was written for, and
// what depends on it. Pure.

/** Components from the left; a development version comes before its release. */
export type Version = readonly [major: number, minor: number, patch: number, dev: number];

/** The last branch in which `balance` is roundrobin where nothing says otherwise. */
export const ASSUMED_VERSION: Version = [3, 2, 0, Number.POSITIVE_INFINITY];

const VERSION = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:-dev(\d+))?(?:[-+].*)?$/;
/** What a comment says of the version that its file is for. */
const IN_COMMENT = /\bhaproxy[- ]version:?\s*v?(\d+\.\d+(?:\.\d+)?(?:-dev\d+)?)/i;

/** @returns null when `text` is no version */
export function parseVersion(text: string): Version | null {
  const match = VERSION.exec(text);
  if (match === null) return null;
  const [, major, minor, patch = "0", dev] = match;
  const devNumber = dev === undefined ? Number.POSITIVE_INFINITY : Number(dev);
  return [Number(major), Number(minor), Number(patch), devNumber];
}

/** @returns the version in a comment such as `haproxy-version: 3.3`, or null */
export function versionInComment(comment: string): Version | null {
  const text = IN_COMMENT.exec(comment)?.[1];
  return text === undefined ? null : parseVersion(text);
}

/** @returns less than 0 when `a` is older than `b` */
export function compareVersions(a: Version, b: Version): number {
  for (const [index, component] of a.entries()) {
    const other = b[index]!;
    if (component !== other) return component < other ? -1 : 1;
  }
  return 0;
}

/** `balance` is random from 3.3 on where nothing says otherwise, and roundrobin before. */
export function balancesAtRandom(version: Version): boolean {
  return version[0] > 3 || (version[0] === 3 && version[1] >= 3);
}

/** @returns `3.2`, as HAPROXY_BRANCH has it */
export function branchOf([major, minor]: Version): string {
  return `${major}.${minor}`;
}
