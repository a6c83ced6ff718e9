// What somebody may have meant who typed a command line that Fairlead does not have: HAProxy's and
// nginx's own, a file without a command, a command of `ctl` without `ctl`. Pure.

const FILE = /\.(ya?ml|cfg|conf|[mc]?[jt]s)$/;
/** What others call it. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  start: "fairlead run FILE",
  serve: "fairlead run FILE",
  test: "fairlead check FILE",
  validate: "fairlead check FILE",
  lint: "fairlead check FILE",
  "-v": "fairlead --version",
  "-vv": "fairlead --version",
};

/**
 * @param args what was typed behind `fairlead`
 * @param ctlCommands names of the commands of `ctl`
 * @returns a command line; null: nothing comes to mind
 */
export function adviceOn(args: readonly string[], ctlCommands: readonly string[]): string | null {
  const [first = ""] = args;
  const other = Object.hasOwn(OTHER_WORDS, first) ? OTHER_WORDS[first]! : null;
  if (other !== null) return other;
  if (ctlCommands.includes(first)) return ["fairlead ctl", ...args].join(" ");
  const files = args.filter((arg) => FILE.test(arg));
  if (files.length === 0) return null;
  if (files[0] !== first && !["-c", "-f", "-t"].includes(first)) return null;
  return [`fairlead ${isTrial(args) ? "check" : "run"}`, ...files].join(" ");
}

// haproxy -c -f FILE, nginx -t -c FILE; nginx -c FILE runs it.
function isTrial(args: readonly string[]): boolean {
  return args.includes("-t") || (args.includes("-c") && args.includes("-f"));
}
