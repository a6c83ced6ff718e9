// How many addresses one line of a foreign file may stand for, a range of ports included: each
// becomes a listener of its own. A bound, and nothing else.

export const ADDRESSES_MAX = 1024;
