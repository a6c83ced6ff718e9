// How `fairlead ctl` writes moments and how long ago they are. Pure; knows no clock.

import { largestUnits } from "../admin/page/format.ts";

/** `3d 4h`, `4h 0m`, `5m 6s`, `6s`: for columns, so units are short and both stay */
export function formatAge(ms: number): string {
  return largestUnits(ms)
    .map(([count, unit]) => `${count}${unit.charAt(0)}`)
    .join(" ");
}

/** @param iso in UTC. @returns `2026-11-21 12:00:05Z` */
export function formatMoment(iso: string): string {
  return `${iso.slice(0, 19).replace("T", " ")}Z`;
}
