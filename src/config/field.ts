// The kinds of value a key can have, and the row of facts that each key carries.
//
// A field is a zod schema that says yes or no, with the words for what it takes. A row is a field
// made into a key: with its default, when a change takes effect, and what it is for. Validator,
// messages, JSON Schema and reference page all come from the rows; there is no second list.

import * as z from "zod";
import { type HostPort, parseHostPort, parseListenAddress } from "./address.ts";
import { DURATION_PATTERN, formatDuration, parseDuration } from "./duration.ts";
import type { ListenAddress } from "./settings.ts";
import { formatSize, parseSize, SIZE_PATTERN } from "./size.ts";

/**
 * When a changed value counts: `live` for connections that exist too; `drain` for new ones, while
 * those that exist end as they began; `restart` for a new process.
 */
export type TakesEffect = "live" | "drain" | "restart";

export type FieldKind =
  | "duration"
  | "size"
  | "count"
  | "choice"
  | "flag"
  | "text"
  | "texts"
  | "file"
  | "networks"
  | "listen"
  | "address"
  | "section";

/** The row of a key: everything that is known about it besides its schema. */
export interface Row {
  readonly kind: FieldKind;
  /** What belongs there, to be read after "expected". */
  readonly expected: string;
  /** Of the resolved value: `ms`, `bytes`; empty where there is none. */
  readonly unit: string;
  /** As it stands on the reference page: `1ms to 1h`; empty where the kind says it all. */
  readonly bounds: string;
  /** As one would write it; null where the key must be given. */
  readonly default: string | null;
  readonly takesEffect: TakesEffect;
  readonly doc: string;
  /** Words that are taken as they are, for the nearest one to a misspelt one. */
  readonly choices: readonly string[];
  /** Whether the value must not be shown. */
  readonly secret: boolean;
  /** For required keys: a value that the schema takes, so that the rest can still be checked. */
  readonly placeholder?: Written;
}

/** What can be a default or a placeholder. Not recursive, or the registry's types would not end. */
export type Written = string | number | boolean | string[] | Readonly<Record<string, never>>;

export const rows = z.registry<Row>();

interface Field<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly kind: FieldKind;
  readonly expected: string;
  readonly unit?: string;
  readonly bounds?: string;
  readonly choices?: readonly string[];
  readonly secret?: boolean;
}

interface Key {
  readonly takesEffect: TakesEffect;
  readonly doc: string;
}

// Keys

/** A key that may be left out; `value` is its default as one would write it. */
export function withDefault<Schema extends z.ZodType>(
  field: Field<Schema>,
  key: Key & { readonly value: z.input<Schema> & Written },
) {
  const schema = field.schema.prefault(key.value);
  addRow(schema, makeRow(field, key, writeDefault(key.value)));
  return schema;
}

/** A key that may be left out; `fallback` says in words what counts then. */
export function optional<Schema extends z.ZodType>(
  field: Field<Schema>,
  key: Key & { readonly fallback: string },
) {
  const schema = field.schema.optional();
  addRow(schema, makeRow(field, key, key.fallback));
  return schema;
}

/** A key that must be given. */
export function required<Schema extends z.ZodType>(
  field: Field<Schema>,
  key: Key & { readonly placeholder: z.input<Schema> & Written },
) {
  // A clone, so that a schema that stands under two keys can have two rows.
  const schema = field.schema.clone();
  addRow(schema, { ...makeRow(field, key, null), placeholder: key.placeholder });
  return schema;
}

// Takes the widest type, because the registry's own inference gives up on generic schemas.
function addRow(schema: z.ZodType, row: Row): void {
  rows.add(schema, row);
}

/** The schema of what stands under any name or index; its row is there for messages only. */
export function asItem<Schema extends z.ZodType>(field: Field<Schema>, key: Key) {
  addRow(field.schema, makeRow(field, key, null));
  return field.schema;
}

function makeRow<Schema extends z.ZodType>(
  field: Field<Schema>,
  key: Key,
  defaultText: string | null,
): Row {
  const { kind, expected, unit = "", bounds = "", choices = [], secret = false } = field;
  const { takesEffect, doc } = key;
  return { kind, expected, unit, bounds, default: defaultText, takesEffect, doc, choices, secret };
}

function writeDefault(value: Written): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

// Kinds of value

export function duration(bounds: { readonly min: string; readonly max: string }) {
  const minMs = parseDuration(bounds.min)!;
  const maxMs = parseDuration(bounds.max)!;
  const schema = z
    .string()
    .meta({ pattern: DURATION_PATTERN })
    .transform((text, context) => judge(parseDuration(text), { min: minMs, max: maxMs }, context));
  const example = formatDuration(minMs <= 10_000 && maxMs >= 10_000 ? 10_000 : maxMs);
  return {
    schema,
    kind: "duration",
    expected: `a duration from ${bounds.min} to ${bounds.max} with its unit, such as ${example}`,
    unit: "ms",
    bounds: `${bounds.min} to ${bounds.max}`,
  } as const;
}

/** What `never` stands for: 49 days, which is the longest that 32 bits of milliseconds hold. */
export const NEVER_MS = 0xffff_ffff;

/** A duration, or `never`. */
export function durationOrNever(bounds: { readonly min: string; readonly max: string }) {
  const limited = duration(bounds);
  const never = z.literal("never").transform(() => NEVER_MS);
  return {
    ...limited,
    schema: z.union([never, limited.schema]),
    expected: `${limited.expected}, or never`,
    bounds: `${limited.bounds}, or \`never\``,
    choices: ["never"],
  } as const;
}

export function size(bounds: { readonly min: string; readonly max: string }) {
  const range = { min: parseSize(bounds.min)!, max: parseSize(bounds.max)! };
  const schema = z
    .union([z.string().meta({ pattern: SIZE_PATTERN }), z.number()])
    .transform((written, context) => judge(parseSize(String(written)), range, context));
  return {
    schema,
    kind: "size",
    expected: `a size from ${bounds.min} to ${bounds.max}, such as ${formatSize(range.max / 16)}`,
    unit: "bytes",
    bounds: `${bounds.min} to ${bounds.max}`,
  } as const;
}

function judge(
  value: number | null,
  range: { readonly min: number; readonly max: number },
  context: z.RefinementCtx,
): number {
  if (value !== null && value >= range.min && value <= range.max) return value;
  context.addIssue({ code: "custom", message: "Invalid amount" });
  return z.NEVER;
}

interface CountBounds {
  readonly min: number;
  readonly max: number;
}

export function count({ min, max }: CountBounds) {
  const schema = z.int().min(min).max(max);
  const bounds = `${min} to ${max}`;
  return { schema, kind: "count", expected: `a whole number from ${bounds}`, bounds } as const;
}

/** A count, or `auto`. */
export function countOrAuto({ min, max }: CountBounds) {
  return {
    schema: z.union([z.literal("auto"), z.int().min(min).max(max)]),
    kind: "count",
    expected: `auto or a whole number from ${min} to ${max}`,
    bounds: `\`auto\`, or a whole number, ${min} to ${max}`,
    choices: ["auto"],
  } as const;
}

export function choice<const Choice extends string>(choices: readonly Choice[]) {
  return {
    schema: z.enum(choices),
    kind: "choice",
    expected: `one of ${choices.join(", ")}`,
    bounds: choices.join(", "),
    choices,
  } as const;
}

export function flag() {
  const expected = "true or false";
  return { schema: z.boolean(), kind: "flag", expected, choices: ["true", "false"] } as const;
}

export function text(options: {
  readonly max: number;
  readonly expected?: string;
  readonly pattern?: RegExp;
  readonly secret?: boolean;
}) {
  const { max, pattern, secret = false } = options;
  const { expected = `text of 1 to ${max} characters` } = options;
  const plain = z.string().min(1).max(max);
  const schema = pattern === undefined ? plain : plain.regex(pattern);
  return { schema, kind: "text", expected, secret } as const;
}

/** Addresses to bind: one, or a list of them. */
export function listenAddresses() {
  const one = listenAddress();
  const schema = z
    .union([one.schema, z.array(one.schema).min(1)])
    .transform((written) => (Array.isArray(written) ? written : [written]));
  return {
    schema,
    kind: "listen",
    expected: `${one.expected}, or a list of them`,
  } as const;
}

export function listenAddress() {
  const schema = z.string().transform((written, context): ListenAddress => {
    const address = parseListenAddress(written);
    if (address !== null) return address;
    context.addIssue({ code: "custom", message: "Invalid address" });
    return z.NEVER;
  });
  const expected = "an IP address and a port such as 0.0.0.0:1883 or [::]:1883";
  return { schema, kind: "listen", expected } as const;
}

export function serverAddress() {
  const schema = z.string().transform((written, context): HostPort => {
    const address = parseHostPort(written);
    if (address !== null) return address;
    context.addIssue({ code: "custom", message: "Invalid address" });
    return z.NEVER;
  });
  const expected = "an address and a port such as 10.0.0.1:1883 or broker1.example:1883";
  return { schema, kind: "address", expected } as const;
}

// Values that hold other keys

/** A mapping of known keys. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  const keys = Object.keys(shape).join(", ");
  return {
    schema: z.strictObject(shape),
    kind: "section",
    expected: `a mapping with the keys ${keys}`,
  } as const;
}

/** A mapping from names, which the operator chooses, to sections. */
export function named<Schema extends z.ZodType>(what: string, field: Field<Schema>) {
  const names = z.string().meta({ pattern: NAME_PATTERN.source });
  const item = asItem(field, { takesEffect: "drain", doc: `One of ${what}.` });
  return {
    schema: z.record(names, item),
    kind: "section",
    expected: `a mapping from names to ${what}`,
  } as const;
}

/** Names of listeners, pools and servers; what fits a metric label, a log line and a shell word. */
export const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/;
export const NAME_EXPECTED = "1 to 64 letters, digits or . _ : - that start with a letter or digit";
