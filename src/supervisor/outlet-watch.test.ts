import { expect, it } from "vitest";
import type { NamedOutletStatus } from "../logging/log-outlets.ts";
import { type OutletNews, OutletWatch } from "./outlet-watch.ts";

const FILE = "file:///none/x.log";
/** Takes connections alone. */
const ACCESS = "file:///var/log/access.log";

function watchOf(initial: Readonly<Record<string, string | null>>) {
  let problems = initial;
  const told: OutletNews[] = [];
  const complaints: string[] = [];
  const watch = new OutletWatch({
    statuses: () =>
      Object.entries(problems).map(([name, problem]): NamedOutletStatus => {
        const takesEvents = name !== ACCESS;
        return { name, problem, takesEvents, sentCount: 0, droppedCount: 0 };
      }),
    tell: (news) => told.push(news),
    complain: (line) => complaints.push(line),
  });
  const become = (next: Readonly<Record<string, string | null>>) => {
    problems = next;
  };
  const sentences = () => told.splice(0).map(({ sentence }) => sentence);
  return { watch, become, sentences, complaints };
}

it("tells once of what lasts, and when it is over", () => {
  const { watch, become, sentences, complaints } = watchOf({
    stdout: null,
    [FILE]: "no such file",
  });
  watch.look(0);
  expect(sentences()).toEqual([]);
  watch.look(1_000);
  watch.look(2_000);
  expect(sentences()).toEqual([`Cannot send log lines to "${FILE}": no such file`]);
  become({ stdout: null, [FILE]: null });
  watch.look(3_000);
  watch.look(4_000);
  expect(sentences()).toEqual([`Log lines go to "${FILE}" again`]);
  expect(complaints).toEqual([]);
});

it("complains on standard error where no outlet works", () => {
  const { watch, complaints } = watchOf({
    [ACCESS]: null,
    [FILE]: "permission denied",
    "udp://a:514": "no such host",
  });
  watch.look(0);
  watch.look(1_000);
  expect(complaints).toEqual([
    `Cannot send log lines to "${FILE}": permission denied`,
    'Cannot send log lines to "udp://a:514": no such host',
  ]);
});

it("tells of one that comes and goes at most once a minute", () => {
  const { watch, become, sentences } = watchOf({ [FILE]: "gone" });
  for (let nowMs = 0; nowMs < 120_000; nowMs += 1_000) {
    become({ [FILE]: nowMs % 4_000 < 2_000 ? "gone" : null });
    watch.look(nowMs);
  }
  expect(sentences().filter((sentence) => sentence.startsWith("Cannot"))).toHaveLength(2);
});

it("forgets what a reload has taken away", () => {
  const { watch, become, sentences } = watchOf({ [FILE]: "gone" });
  watch.look(0);
  watch.look(1_000);
  become({ stdout: null });
  watch.look(2_000);
  become({ stdout: null, [FILE]: null });
  watch.look(3_000);
  expect(sentences()).toEqual([`Cannot send log lines to "${FILE}": gone`]);
});
