// Charts that grow: each state that comes with a new sample adds a point to every line, so that the
// samples of fifteen minutes are sent once. Pure.

import type { HistoryView, Samples } from "../history.ts";
import type { PageState, Rates } from "../page-state.ts";

/** @returns the same history when the state brings no new sample */
export function grow(history: HistoryView, state: PageState): HistoryView {
  const news = state.sample - history.sample;
  if (news <= 0) return history;
  const subjects: Record<string, Samples> = {};
  for (const [subject, rates] of ratesOf(state)) {
    const lines = history.subjects[subject] ?? emptyLines(rates);
    subjects[subject] = Object.fromEntries(
      // Samples that were missed while nobody listened are taken to have been like this one.
      Object.entries(lines).map(([name, values]) => [
        name,
        [...values, ...Array.from({ length: news }, () => rates[name] ?? 0)].slice(
          -history.samplesMax,
        ),
      ]),
    );
  }
  return { ...history, sample: state.sample, subjects };
}

function* ratesOf(state: PageState): Iterable<readonly [subject: string, rates: Rates]> {
  yield ["process", state.rates];
  for (const { name, rates } of state.listeners) yield [`listener ${name}`, rates];
  for (const pool of state.pools) {
    yield [`pool ${pool.name}`, pool.rates];
    for (const server of pool.servers) yield [`server ${pool.name}/${server.name}`, server.rates];
  }
}

function emptyLines(rates: Rates): Samples {
  return "connections" in rates ? { connections: [] } : {};
}
