// What the process tells its caller when it ends. Constants only.

export const EXIT_OK = 0;
/** Something is wrong with the configuration, the machine or a peer. */
export const EXIT_PROBLEM = 1;
/** The command line itself makes no sense. */
export const EXIT_USAGE = 2;

export type ExitCode = typeof EXIT_OK | typeof EXIT_PROBLEM | typeof EXIT_USAGE;
