import { expect, test } from "vitest";
import {
  negations,
  optionTable,
  takes,
  takesBack,
  takesNotice,
  takesRefused,
} from "./option-row.ts";

test("optionTable knows how many words each option takes, and what it takes back", () => {
  const table = optionTable(
    ...takes(1, "crt, alpn"),
    ...negations("alpn"),
    ...takesBack("stick", "non-stick"),
    ...takesNotice(0, "tfo", "is idle"),
    ...takesRefused(1, "namespace", "cannot be"),
  );
  expect(table.get("crt")).toMatchObject({ argumentCount: 1, status: { kind: "honoured" } });
  expect(table.get("no-alpn")).toMatchObject({ argumentCount: 0, negates: "alpn" });
  expect(table.get("stick")).toMatchObject({ argumentCount: 0, negates: "non-stick" });
  expect(table.get("tfo")!.status.kind).toBe("notice");
  expect(table.get("namespace")!.status.kind).toBe("refused");
});
