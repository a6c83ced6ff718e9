// Whether this machine can run Fairlead at all: asked before anything native is loaded, so that a
// wrong machine gets a sentence instead of a loader's stack trace. Imports nothing.

export interface Platform {
  /** `process.platform` */
  readonly system: string;
  /** `process.arch` */
  readonly architecture: string;
  /** `process.versions.node` */
  readonly nodeVersion: string;
}

const NODE_MAJOR_MIN = 20;
/** Those whose structure layouts linux/abi.ts knows. */
const ARCHITECTURES = ["x64", "arm64"];

/** @returns what is wrong and what to do about it, or null when all is well */
export function findPlatformProblem({
  system,
  architecture,
  nodeVersion,
}: Platform): string | null {
  if (system !== "linux") {
    return (
      `Fairlead calls the Linux kernel directly and cannot run on ${system}; ` +
      "use a Linux machine, a virtual machine or a container"
    );
  }
  if (!ARCHITECTURES.includes(architecture)) {
    const known = ARCHITECTURES.join(" and ");
    return `Fairlead runs on ${known} processors; this one is ${architecture}`;
  }
  if (Number.parseInt(nodeVersion, 10) < NODE_MAJOR_MIN) {
    return `Fairlead needs Node.js ${NODE_MAJOR_MIN} or later; this is ${nodeVersion}`;
  }
  return null;
}
