import { expect, test } from "vitest";
import {
  ASSUMED_VERSION,
  balancesAtRandom,
  branchOf,
  compareVersions,
  parseVersion,
  versionInComment,
} from "./version.ts";

test.each([
  ["2.6", "2.6"],
  ["v3.3-dev4", "3.3"],
  ["2.6.12-1+deb12u4", "2.6"],
])("parseVersion: %s is of the branch %s", (text, branch) => {
  expect(branchOf(parseVersion(text)!)).toBe(branch);
});

test.each(["", "3", "x.y", "3.3.3.3"])("parseVersion: %j is none", (text) => {
  expect(parseVersion(text)).toBeNull();
});

test("compareVersions puts development versions before their release", () => {
  const sorted = ["2.6", "2.6.12", "3.3-dev4", "3.3-dev10", "3.3"];
  const versions = [...sorted].reverse().map((text) => parseVersion(text)!);
  versions.sort(compareVersions);
  expect(versions).toEqual(sorted.map((text) => parseVersion(text)));
});

test("balance is random from 3.3 on, and not in what is assumed", () => {
  expect(balancesAtRandom(ASSUMED_VERSION)).toBe(false);
  expect(balancesAtRandom(parseVersion("3.3")!)).toBe(true);
  expect(balancesAtRandom(parseVersion("4.0")!)).toBe(true);
});

test.each([
  ["# haproxy-version: 3.3", "3.3"],
  ["# for HAProxy version 2.8.1", "2.8"],
  ["# HAProxy of the second floor, 3.3", null],
])("versionInComment: %s", (comment, branch) => {
  const version = versionInComment(comment);
  expect(version === null ? null : branchOf(version)).toBe(branch);
});
