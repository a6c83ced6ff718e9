// The tables of a page on another program's files: what is honoured, what makes no difference, what
// cannot be honoured, and why. Pure: rows in, Markdown out.

export interface Keyword {
  readonly name: string;
  readonly status:
    | { readonly kind: "honoured" }
    | { readonly kind: "notice" | "refused"; readonly reason: string };
}

export type KeywordGroup = readonly [title: string, keywords: readonly Keyword[]];

/** @returns the page: an introduction, then a section a group */
export function writeKeywordPage(introduction: string, groups: readonly KeywordGroup[]): string {
  return `${introduction}\n${groups.map(writeGroup).join("\n")}`;
}

function writeGroup([title, keywords]: KeywordGroup): string {
  const honoured = keywords.filter(({ status }) => status.kind === "honoured");
  const parts = [`## ${title}\n`];
  if (honoured.length > 0) parts.push(`Honoured: ${listOf(honoured)}.\n`);
  for (const [kind, verdict] of [
    ["notice", "Makes no difference"],
    ["refused", "Cannot be honoured"],
  ] as const) {
    const table = writeTable(keywords.filter(({ status }) => status.kind === kind));
    if (table !== "") parts.push(`| ${verdict} | because it |\n|---|---|\n${table}`);
  }
  return parts.join("\n");
}

/** One row a reason. */
function writeTable(keywords: readonly Keyword[]): string {
  const byReason = new Map<string, Keyword[]>();
  for (const keyword of keywords) {
    const reason = keyword.status.kind === "honoured" ? "" : keyword.status.reason;
    byReason.set(reason, [...(byReason.get(reason) ?? []), keyword]);
  }
  return [...byReason].map(([reason, group]) => `| ${listOf(group)} | ${reason} |\n`).join("");
}

function listOf(keywords: readonly Keyword[]): string {
  const names = keywords.map(({ name }) => name).sort();
  return names.map((name) => `\`${name}\``).join(", ");
}
