// What the rules of tests/tidy.test.ts let pass, each by name and with its reason.
//
// An exception that nothing needs any more fails the test too: the lists hold only what they must.

export type Exceptions = Readonly<Record<string, string>>;

/** Files of src/ without a unit test beside them, or whole folders (`src/x/`): path to reason. */
export const UNTESTED_FILES: Exceptions = {
  "src/admin/page/": "runs in a browser: tests/process/page.test.ts drives one",
  "src/io/epoll-acceptor.ts": "a part of EpollIo, which runs the contract suite",
  "src/io/uring-acceptor.ts": "a part of UringIo, which runs the contract suite",
  "src/io/uring-receiver.ts": "a part of UringIo, which runs the contract suite",
  "src/io/uring-sender.ts": "a part of UringIo, which runs the contract suite",
  "src/io/uring-slots.ts": "a part of UringIo, which runs the contract suite",
  "src/cli/bench.ts": "made of threads: tests/process/bench.test.ts runs it",
  "src/cli/load-threads.ts": "made of threads: tests/process/bench.test.ts runs it",
  "src/load-worker.ts": "a thread of its own: tests/process/bench.test.ts runs it",
  "src/worker.ts": "a thread of its own: tests/process/ runs it",
};

/** Functions over the length limit: `path name` to reason. */
export const LONG_FUNCTIONS: Exceptions = {};

/** Files over the length limit: path to reason. */
export const LONG_FILES: Exceptions = {};

/** Files of src/ that nothing imports: path to how they are reached. */
export const ENTRY_FILES: Exceptions = {
  "src/admin/page/page.ts": "what the browser starts: admin/page-document.ts names it",
  "src/main.ts": "what the command `fairlead` starts",
  "src/config/define-config.ts": "what configurations in code import as fairlead/config",
};

/** Tests, and what they are given, that let a time pass: path to reason. */
export const SLEEPERS: Exceptions = {
  "src/cli/event-blocks.test.ts": "sends an answer in pieces",
  "src/health/agent-watch.test.ts": "sees that nothing more comes",
  "src/health/clock.test.ts": "has a clock to compare with",
  "src/supervisor/server-health.test.ts": "sees that nothing more comes",
  "tests/process/drain.test.ts": "keeps a load bearable",
  "tests/process/haproxy-side-by-side.test.ts": "sends a CONNECT in two pieces",
  "tests/process/health-checks.test.ts": "sees that nothing more comes",
  "tests/process/large-payload.test.ts": "stops and continues others, over and over",
  "tests/process/neighbours.ts": "keeps a load bearable",
  "tests/process/peer-program.ts": "ends what does not end by itself",
  "tests/process/publishers.ts": "keeps a load bearable",
  "tests/process/returning-clients.ts": "clients come back after a while",
  "tests/process/rude-peers.ts": "sends a packet byte by byte",
  "tests/process/rule-verdicts.test.ts": "closes what the other side does not",
  "tests/process/tls-load.ts": "keeps a load bearable",
  "tests/process/wait-until.ts": "the pause between two looks",
};

/** Files in which `any` may stand: path to reason. */
export const UNTYPED_FILES: Exceptions = {
  "src/linux/libc.ts": "koffi's functions take and give whatever their C prototype says",
};
