// What the process tells its caller when it ends. Constants only.

export const EXIT_OK = 0;
/** Something is wrong with the configuration, the machine or a peer. */
export const EXIT_PROBLEM = 1;
/** The command line itself makes no sense. */
export const EXIT_USAGE = 2;
/** `fairlead ctl`: there is no such server, connection, table or entry. */
export const EXIT_MISSING = 3;
/** `fairlead ctl`: whoever asks may not. */
export const EXIT_FORBIDDEN = 4;

export type ExitCode =
  | typeof EXIT_OK
  | typeof EXIT_PROBLEM
  | typeof EXIT_USAGE
  | typeof EXIT_MISSING
  | typeof EXIT_FORBIDDEN;
