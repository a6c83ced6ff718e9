// Finds its way through the schema: what is known about the key at a path, and which keys exist.
// Pure; knows zod's wrappers and nothing of Fairlead's keys.

import * as z from "zod";
import { type Row, rows } from "./field.ts";
import type { Path } from "./raw-document.ts";

/** A schema of any kind, as zod's own traversals take it. */
export type AnySchema = z.core.$ZodType;

export interface KeyDescription {
  readonly path: readonly string[];
  readonly row: Row;
  readonly schema: AnySchema;
}

/** What stands for any name and any index in the paths of `listKeys`. */
const ANY_NAME = "<name>";
export const ANY_ITEM = "[]";

/** @returns the row of the key at `path`, or of the nearest key above it that has one */
export function findRow(root: AnySchema, path: Path): Row | null {
  let schema: AnySchema | null = root;
  let row: Row | null = null;
  for (const step of path) {
    schema = schema && childSchema(schema, step);
    if (schema === null) return row;
    row = rows.get(schema) ?? row;
  }
  return row;
}

export function schemaAt(root: AnySchema, path: Path): AnySchema | null {
  let schema: AnySchema | null = root;
  for (const step of path) schema = schema && childSchema(schema, step);
  return schema;
}

/** @returns the keys that a mapping at this place may have; none where names are the operator's */
export function keysOf(schema: AnySchema): readonly string[] {
  const holder = holderOf(schema);
  return holder instanceof z.ZodObject ? Object.keys(holder.shape) : [];
}

/** Every key with a row, parents before children, in the order of the schema. */
export function listKeys(root: AnySchema): readonly KeyDescription[] {
  const found: KeyDescription[] = [];
  const visit = (schema: AnySchema, path: readonly string[]): void => {
    const holder = holderOf(schema);
    if (holder instanceof z.ZodRecord) visit(holder.valueType, [...path, ANY_NAME]);
    if (holder instanceof z.ZodArray) visit(holder.element, [...path, ANY_ITEM]);
    if (!(holder instanceof z.ZodObject)) return;
    for (const [key, child] of Object.entries(holder.shape as Record<string, AnySchema>)) {
      const row = rows.get(child);
      if (row !== undefined) found.push({ path: [...path, key], row, schema: child });
      visit(child, [...path, key]);
    }
  };
  visit(root, []);
  return found;
}

function childSchema(schema: AnySchema, step: string | number): AnySchema | null {
  const holder = holderOf(schema);
  if (holder instanceof z.ZodObject) {
    return Object.hasOwn(holder.shape, step) ? holder.shape[step] : null;
  }
  if (holder instanceof z.ZodRecord) return holder.valueType;
  if (holder instanceof z.ZodArray) return holder.element;
  return null;
}

/** Looks through defaults, transforms and unions for the schema that holds others, if any. */
function holderOf(schema: AnySchema): AnySchema {
  if (schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return holderOf(schema.unwrap());
  }
  if (schema instanceof z.ZodPipe) return holderOf(schema.in);
  if (!(schema instanceof z.ZodUnion)) return schema;
  const holders = schema.options.map(holderOf);
  return holders.find(holdsOthers) ?? schema;
}

function holdsOthers(schema: AnySchema): boolean {
  return (
    schema instanceof z.ZodObject || schema instanceof z.ZodRecord || schema instanceof z.ZodArray
  );
}
