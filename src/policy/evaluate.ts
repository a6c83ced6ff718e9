// The operator's module, from its text to its hooks.
//
// A worker never returns to Node's event loop, so it cannot import a module: that takes promises.
// The control plane therefore bundles the module into one CommonJS text, which is run here, at once
// and in the thread that will call the hooks. What it still asks for by name is Node's own.

import { createRequire } from "node:module";
import { dirname } from "node:path";
import { compileFunction } from "node:vm";
import type { Hooks } from "./policy.ts";

/** A module, bundled. */
export interface ModuleText {
  /** The absolute path of the file it was made from. */
  readonly file: string;
  /** CommonJS. */
  readonly text: string;
}

const BUDGET_MS = 1;
const KEYS: ReadonlySet<string> = new Set(["onConnect", "onClose", "hookBudgetMs"]);

/** A configuration, taken apart. */
export interface Evaluated {
  /** All keys but the hooks', as fairlead.yaml has them. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly hooks: Hooks & { readonly hookBudgetMs: number };
}

/** @throws what the module throws, or an error that says what is wrong with its default export */
export function evaluate({ file, text }: ModuleText): Evaluated {
  const module: { exports: unknown } = { exports: {} };
  const names = ["exports", "require", "module", "__filename", "__dirname"];
  const run = compileFunction(text, names, { filename: file });
  run(module.exports, createRequire(file), module, file, dirname(file));
  return takeApart(defaultOf(module.exports));
}

// What a module of the old kind exports is what it has.
function defaultOf(exported: unknown): unknown {
  if (!isRecord(exported)) return exported;
  if ("default" in exported) return exported["default"];
  if (!("__esModule" in exported)) return exported;
  throw new TypeError("Cannot use the module: it has no default export");
}

function takeApart(found: unknown): Evaluated {
  if (!isRecord(found) || Array.isArray(found) || Object.keys(found).length === 0) {
    throw new TypeError("Cannot use the module: its default export is no configuration");
  }
  const settings = Object.fromEntries(Object.entries(found).filter(([key]) => !KEYS.has(key)));
  const { onConnect, onClose, hookBudgetMs = BUDGET_MS } = found;
  if (typeof hookBudgetMs !== "number" || !(hookBudgetMs > 0)) {
    throw new TypeError("Cannot use hookBudgetMs: it is no number of milliseconds above 0");
  }
  return {
    settings,
    hooks: { ...hook("onConnect", onConnect), ...hook("onClose", onClose), hookBudgetMs },
  };
}

function hook(name: "onConnect" | "onClose", found: unknown): Hooks {
  if (found === undefined) return {};
  if (typeof found !== "function") {
    throw new TypeError(`Cannot use ${name}: it is no function`);
  }
  if (found.constructor.name !== "Function") {
    throw new TypeError(`Cannot use ${name}: it is asynchronous, and a decision cannot wait`);
  }
  return { [name]: found };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
