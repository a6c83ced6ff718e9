// What a configuration file is written in, told by its name or by what stands in it. Pure.

/** `yaml` is our own, `script` the same in code; the others are read into the same document. */
export const CONFIG_FORMATS = ["yaml", "script", "haproxy", "nginx"] as const;
export type ConfigFormat = (typeof CONFIG_FORMATS)[number];

const SECTIONS = "global|defaults|frontend|backend|listen|peers|resolvers";
/** A section of haproxy.cfg begins; a mapping or a block of others would go on with `:` or `{`. */
const HAPROXY_SECTION = new RegExp(`^(${SECTIONS})(\\s+[\\w.:-]+(\\s+from\\s+\\S+)?)?$`);

const NGINX_BLOCKS = "events|stream|http|mail";
const NGINX_SETTINGS =
  "include|load_module|worker_processes|worker_rlimit_nofile|user|pid|error_log";
/** A block of nginx.conf begins, or one of its settings outside of blocks ends. */
const NGINX_LINE = new RegExp(`^((${NGINX_BLOCKS})(\\s*\\{.*)?|(${NGINX_SETTINGS})\\s[^:{}]*;)$`);

/** A key of a mapping, at the top level. */
const YAML_LINE = /^["']?[\w.-]+["']?:(\s|$)/m;

/** @returns what code is known by, its name; null for all else */
export function formatByName(file: string): ConfigFormat | null {
  return /\.[cm]?[jt]s$/.test(file) ? "script" : null;
}

/**
 * @param file its name, which is asked last
 * @returns what the first line that tells it tells; yaml where nothing does
 */
export function detectFormat(text: string, file: string): ConfigFormat {
  for (const written of text.split("\n")) {
    const line = written.replace(/#.*/, "").trim();
    if (HAPROXY_SECTION.test(line) && !line.endsWith(":")) return "haproxy";
    if (NGINX_LINE.test(line)) return "nginx";
  }
  if (YAML_LINE.test(text)) return "yaml";
  if (file.endsWith(".cfg")) return "haproxy";
  return file.endsWith(".conf") ? "nginx" : "yaml";
}
