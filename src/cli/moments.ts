// How `fairlead ctl` writes moments and how long ago they are. Pure; knows no clock.

/** `3d 4h`, `4h 5m`, `5m 6s`, `6s` */
export function formatAge(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "0s";
  return parts
    .slice(first, first + 2)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ");
}

/** @param iso in UTC. @returns `2026-11-21 12:00:05Z` */
export function formatMoment(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")}Z`;
}
