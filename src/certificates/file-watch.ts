// Watches files and directories and tells when they have changed and come to rest.
//
// Two ways, because neither suffices: the kernel's notices (inotify) come at once, and a look every
// POLL_MS finds what they miss, on network file systems and behind symbolic links to elsewhere.
// What counts is what a look finds: size, times and inode of each file, through its links. Changes
// are told once a look finds the same as the one before it, so that a set of files that is being
// written is not read half-way.
//
// Bounded by the paths it is given; opens none of the files.

import { type FSWatcher, type Stats, watch } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Time without a change after which files are at rest. */
const QUIET_MS = 300;
const POLL_MS = 30_000;

export interface FileWatchOptions {
  /** Called after each change with the paths that are not as they were when it was last called. */
  readonly onChange: (changed: ReadonlySet<string>) => void;
  readonly quietMs?: number;
  readonly pollMs?: number;
}

/** What a look found at a path; equal texts mean that nothing has changed. */
type Looks = ReadonlyMap<string, string>;

export class FileWatch {
  private readonly onChange: FileWatchOptions["onChange"];
  private readonly quietMs: number;
  private readonly pollMs: number;
  private paths: readonly string[] = [];
  private notices: FSWatcher[] = [];
  private timer: NodeJS.Timeout | null = null;
  /** What was there when changes were last told. */
  private told: Looks = new Map();
  /** What the latest look found. */
  private latest: Looks = new Map();
  /** Rises with each new set of paths: what an older look finds is nobody's any more. */
  private era = 0;

  constructor({ onChange, quietMs = QUIET_MS, pollMs = POLL_MS }: FileWatchOptions) {
    this.onChange = onChange;
    this.quietMs = quietMs;
    this.pollMs = pollMs;
  }

  /**
   * Watches these paths from now on, and no others; a directory stands for the files in it.
   * Resolves when what is there now is known: later changes are told, earlier ones are not.
   */
  async watch(paths: readonly string[]): Promise<void> {
    this.stop();
    const { era } = this;
    this.paths = paths;
    this.notices = listDirectories(paths).flatMap((directory) => this.notice(directory));
    const looks = await lookAt(paths);
    if (era !== this.era) return;
    this.told = looks;
    this.latest = looks;
    if (paths.length > 0) this.lookAfter(this.pollMs);
  }

  stop(): void {
    this.era++;
    for (const notice of this.notices) notice.close();
    this.notices = [];
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.paths = [];
  }

  private notice(directory: string): FSWatcher[] {
    try {
      const notice = watch(directory, { persistent: false }, () => this.lookAfter(this.quietMs));
      notice.on("error", () => notice.close());
      return [notice];
    } catch {
      // A directory that is not there cannot be watched; the poll finds out when it has come.
      return [];
    }
  }

  private lookAfter(delayMs: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), delayMs);
    this.timer.unref();
  }

  private async look(): Promise<void> {
    const { era } = this;
    const looks = await lookAt(this.paths);
    if (era !== this.era) return;
    const isAtRest = findChanged(this.latest, looks).size === 0;
    this.latest = looks;
    if (!isAtRest) {
      this.lookAfter(this.quietMs);
      return;
    }
    this.lookAfter(this.pollMs);
    const changed = findChanged(this.told, looks);
    this.told = looks;
    if (changed.size > 0) this.onChange(changed);
  }
}

// Both a path and the directory that holds it: files are replaced by renaming others over them.
function listDirectories(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap((path) => [path, dirname(path)]))];
}

async function lookAt(paths: readonly string[]): Promise<Looks> {
  const looks = paths.map(async (path) => [path, await lookAtPath(path)] as const);
  return new Map(await Promise.all(looks));
}

async function lookAtPath(path: string): Promise<string> {
  try {
    const stats = await stat(path);
    return stats.isDirectory() ? `${describe(stats)}\n${await lookInside(path)}` : describe(stats);
  } catch (error) {
    // Not there, or not to be had: a state like others, which reading will put into words.
    return String(error instanceof Error && "code" in error ? error.code : error);
  }
}

async function lookInside(directory: string): Promise<string> {
  const looks: string[] = [];
  for (const name of (await readdir(directory)).sort()) {
    const stats = await stat(join(directory, name)).catch(() => null);
    looks.push(`${name} ${stats === null ? "gone" : describe(stats)}`);
  }
  return looks.join("\n");
}

function describe({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

function findChanged(before: Looks, now: Looks): Set<string> {
  const changed = [...now].filter(([path, look]) => before.get(path) !== look);
  return new Set(changed.map(([path]) => path));
}
