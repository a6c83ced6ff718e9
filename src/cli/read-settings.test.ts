import { expect, it } from "vitest";
import { requestOf } from "../../tests/fixtures/config-request.ts";
import { KeptPrinter } from "../../tests/fixtures/kept-printer.ts";
import { TWO_POOLS } from "../../tests/fixtures/settings.ts";
import { readAgain, readSettings, settingsOf } from "./read-settings.ts";

it("gives the settings of a document without mistakes and says nothing", async () => {
  const printer = new KeptPrinter();
  const settings = await settingsOf({ file: "fairlead.yaml", text: TWO_POOLS }, printer);
  expect(settings?.listeners.map(({ name }) => name)).toEqual(["mqtt", "plain"]);
  expect(printer.complaints).toEqual([]);
});

it("complains about each mistake, with its place", async () => {
  const printer = new KeptPrinter();
  const text = TWO_POOLS.replace("weight: 3", "weigth: 3").replace("workers: 2", "workers: two");
  expect(await settingsOf({ file: "fairlead.yaml", text }, printer)).toBeNull();
  expect(printer.complaints).toHaveLength(2);
  for (const complaint of printer.complaints)
    expect(complaint).toMatch(/^fairlead\.yaml:\d+:\d+: /);
});

it("complains about a file that cannot be read", async () => {
  const printer = new KeptPrinter();
  expect(await readSettings(requestOf("/nonexistent/fairlead.yaml"), printer)).toBeNull();
  expect(printer.complaints).toHaveLength(1);
});

it("returns what is wrong, for a reload", async () => {
  const { settings, diagnostics } = await readAgain(requestOf("/nonexistent/fairlead.yaml"));
  expect(settings).toBeNull();
  expect(diagnostics).toHaveLength(1);
});
