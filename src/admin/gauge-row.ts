// A metric that is read when it is asked for: one row of a list. Types only.

export type Labels = Record<string, string>;

export interface GaugeRow {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly read: () => readonly { readonly labels: Labels; readonly value: number }[];
  /** Given for numbers that only rise. */
  readonly type?: "counter";
}
