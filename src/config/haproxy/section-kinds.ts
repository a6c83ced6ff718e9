// The sections of haproxy.cfg: which keywords begin one, and what becomes of each. Constants only.

export interface SectionKind {
  /** Whether a name must, may or cannot follow. */
  readonly name: "required" | "optional" | "none";
  /** Null: it is read. Otherwise why it is not, and how bad that is. */
  readonly left: { readonly severity: "error" | "notice"; readonly reason: string } | null;
}

const read = (name: SectionKind["name"]): SectionKind => ({ name, left: null });
const refused = (reason: string): SectionKind => {
  return { name: "required", left: { severity: "error", reason } };
};
const ignored = (reason: string, name: SectionKind["name"] = "required"): SectionKind => {
  return { name, left: { severity: "notice", reason } };
};

const HTTP_ONLY = "serves HTTP, and Fairlead relays MQTT";

export const SECTION_KINDS: Readonly<Record<string, SectionKind>> = {
  global: read("none"),
  defaults: read("optional"),
  frontend: read("required"),
  backend: read("required"),
  listen: read("required"),
  peers: read("required"),
  resolvers: read("required"),
  userlist: read("required"),
  acme: refused("orders certificates, which Fairlead takes from files"),
  cache: ignored(HTTP_ONLY),
  "crt-store": refused("names certificates for `bind`, and Fairlead takes the names of files"),
  "fcgi-app": ignored(HTTP_ONLY),
  healthcheck: refused("cannot be referred to; write its rules into the backend"),
  "http-errors": ignored(HTTP_ONLY),
  "log-forward": refused("forwards log lines of others, and Fairlead relays MQTT"),
  "log-profile": ignored("changes the format of log lines, and Fairlead has one of its own"),
  mailers: ignored("sends mail, which is left to what watches the metrics"),
  namespace_list: refused("names network namespaces, and Fairlead stays in its own"),
  program: ignored("starts other programs, which is left to the service manager"),
  ring: refused("keeps log lines in memory, and Fairlead hands them on"),
  traces: ignored("is for debugging HAProxy itself", "none"),
};

export function isSectionKeyword(word: string): boolean {
  return Object.hasOwn(SECTION_KINDS, word);
}
