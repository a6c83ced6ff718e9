// A command line that makes no sense, where that shows only once it is parsed.

/** Ends the program with EXIT_USAGE. */
export class UsageError extends Error {}
