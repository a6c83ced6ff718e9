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

/** Files in which `any` may stand: path to reason. */
export const UNTYPED_FILES: Exceptions = {
  "src/linux/libc.ts": "koffi's functions take and give whatever their C prototype says",
};
