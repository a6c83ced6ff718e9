// The version of Fairlead, as package.json has it.

import { readFileSync } from "node:fs";

/** From src/ and from dist/ alike, package.json is two folders up. */
const PACKAGE = new URL("../../package.json", import.meta.url);

export const VERSION: string = readVersion();

function readVersion(): string {
  const content = JSON.parse(readFileSync(PACKAGE, "utf8")) as { version: string };
  return content.version;
}
