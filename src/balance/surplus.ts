// Which servers of a pool have more clients than their share, and how many each should be left
// with.
//
// A fair share goes by weight, over the servers that take clients now. Nobody is moved for a
// difference within the band, so that ordinary coming and going sets nothing in motion; once it is
// passed, those above their share come down to it and nobody else is touched. Pure.

/** One server that takes clients. */
export interface ServerLoad {
  readonly server: number;
  /** Connections open. */
  readonly active: number;
  /** Above 0. */
  readonly weight: number;
}

/** A server that has too many. */
export interface Surplus {
  readonly server: number;
  /** Connections that it should be left with. */
  readonly target: number;
  /** How many that is less than it has, at least 1. */
  readonly count: number;
}

/** A server that has too few. */
export interface Lacking {
  readonly server: number;
  /** Connections that it should have. */
  readonly share: number;
}

/** @returns the servers below their share, in the order given */
export function findLacking(loads: readonly ServerLoad[]): readonly Lacking[] {
  const shareOf = shares(loads);
  return loads.flatMap(({ server, active, weight }) => {
    const share = Math.floor(shareOf(weight));
    return active < share ? [{ server, share }] : [];
  });
}

/**
 * @param bandPercent how far a server may be from its share before anything is done
 * @returns the servers above their share, in the order given; none within the band
 */
export function findSurplus(loads: readonly ServerLoad[], bandPercent: number): readonly Surplus[] {
  const shareOf = shares(loads);
  if (loads.every((load) => isNear(load.active, shareOf(load.weight), bandPercent))) return [];
  return loads.flatMap(({ server, active, weight }) => {
    const target = Math.ceil(shareOf(weight));
    return active > target ? [{ server, target, count: active - target }] : [];
  });
}

function shares(loads: readonly ServerLoad[]): (weight: number) => number {
  const total = loads.reduce((sum, { active }) => sum + active, 0);
  const weights = loads.reduce((sum, { weight }) => sum + weight, 0);
  return (weight) => (total * weight) / weights;
}

// A whole client more or less is no imbalance: shares are seldom whole.
function isNear(active: number, share: number, bandPercent: number): boolean {
  return Math.abs(active - share) <= Math.max(1, (share * bandPercent) / 100);
}
