// What `fairlead.config.ts` is written with: the keys of fairlead.yaml and the hooks of a policy.
// Published as "fairlead/config".
//
// Types and a function that gives back what it takes; bundled with the operator's code, so what is
// imported here is types only.

import type * as z from "zod";
import type { Hooks } from "../policy/policy.ts";
import type { documentSchema } from "./schema.ts";

/** Keys as docs/configuration.md has them, written as in YAML: "5m", "64KiB", "0.0.0.0:1883". */
export type Config = z.input<typeof documentSchema> & Hooks;

/** Has editors and the compiler check a configuration, and gives hooks their types. */
export function defineConfig(config: Config): Config {
  return config;
}
