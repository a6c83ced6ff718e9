// What a configuration file is written in, told by what stands in it. Pure.

/** `yaml` is our own; the others are read into the same document. */
export const CONFIG_FORMATS = ["yaml", "haproxy"] as const;
export type ConfigFormat = (typeof CONFIG_FORMATS)[number];

const SECTIONS = "global|defaults|frontend|backend|listen|peers|resolvers";
/** A section of haproxy.cfg begins; a mapping or a block of others would go on with `:` or `{`. */
const HAPROXY_SECTION = new RegExp(`^(${SECTIONS})(\\s+[\\w.:-]+(\\s+from\\s+\\S+)?)?$`);

/** @returns haproxy where a line begins one of its sections, else yaml */
export function detectFormat(text: string): ConfigFormat {
  for (const written of text.split("\n")) {
    const line = written.replace(/#.*/, "").trim();
    if (HAPROXY_SECTION.test(line) && !line.endsWith(":")) return "haproxy";
  }
  return "yaml";
}
