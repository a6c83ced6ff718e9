// Runs a body in several worker threads on the same shared memory, from today's sources.
//
// Node 20 reads no TypeScript, so the bodies and what they import are compiled into a directory of
// their own first; the project's dist may be older than its sources.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface CompiledBodies {
  /** Starts one thread per item of `workerData`; resolves to what each posted last. */
  run<Result>(body: string, workerData: readonly unknown[]): Promise<Result[]>;
  remove(): void;
}

/** @param bodies names of files in tests/threads/, without `.ts` */
export function compileBodies(bodies: readonly string[]): CompiledBodies {
  const directory = mkdtempSync(join(tmpdir(), "fairlead-threads-"));
  const settings = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      ...{ noEmit: false, rootDir: root, outDir: directory, typeRoots: typeRoots() },
    },
    files: bodies.map((body) => join(root, "tests/threads", `${body}.ts`)),
    include: [],
  };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify(settings));
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", directory], { stdio: "inherit" });
  return {
    run: (body, workerData) => {
      const file = join(directory, "tests/threads", `${body}.js`);
      return Promise.all(workerData.map((each) => runOne(file, each))) as Promise<never>;
    },
    remove: () => rmSync(directory, { recursive: true }),
  };
}

function typeRoots(): string[] {
  return [join(root, "node_modules/@types")];
}

function runOne(file: string, workerData: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let result: unknown;
    const thread = new Worker(file, { workerData });
    thread.on("message", (message) => {
      result = message;
    });
    thread.on("error", reject);
    thread.on("exit", (code) => {
      if (code === 0) resolve(result);
      else reject(new Error(`Cannot finish ${file}: the thread ended with ${code}`));
    });
  });
}
