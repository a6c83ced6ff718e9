// What a piece of the page should look like, as plain values: tag, attributes, children. Views are
// functions that give these; patch.ts makes the document agree. Pure.

export type Listener = (event: { readonly target: unknown; preventDefault(): void }) => void;

/** Text, numbers and booleans become attributes; functions become listeners: `onclick`. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | Listener | null | undefined>
>;

export interface VNode {
  readonly tag: string;
  /** Among its siblings: who keeps its element when others come and go. */
  readonly key: string | null;
  readonly attributes: Readonly<Record<string, string>>;
  readonly listeners: Readonly<Record<string, Listener>>;
  readonly children: readonly Child[];
}

export type Child = VNode | string;
/** Null and false are nothing; lists are their members. */
export type Content = Child | number | null | false | readonly Content[];

/** A piece of the page. The attribute `key` tells it from its siblings. */
export function h(tag: string, attributes: Attributes, ...content: readonly Content[]): VNode {
  const texts: Record<string, string> = {};
  const listeners: Record<string, Listener> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") listeners[name.replace(/^on/, "")] = value;
    else if (value === true) texts[name] = "";
    else if (value !== null && value !== undefined && value !== false) texts[name] = String(value);
  }
  const { key = null, ...rest } = texts;
  return { tag, key, attributes: rest, listeners, children: flatten(content) };
}

/** What stands below or beside a value, smaller. */
export function small(text: string): VNode {
  return h("span", { class: "small" }, text);
}

/** All text below a node, as a reader hears it. */
export function textOf(child: Child): string {
  return typeof child === "string" ? child : child.children.map(textOf).join(" ");
}

/** What stands in the field that an event came from. */
export function typedIn(target: unknown): string {
  return (target as { readonly value?: string }).value ?? "";
}

function flatten(content: readonly Content[]): Child[] {
  const children: Child[] = [];
  for (const each of content) {
    if (each === null || each === false) continue;
    if (typeof each === "number") children.push(String(each));
    else if (typeof each === "string") children.push(each);
    else if ("tag" in each) children.push(each);
    else children.push(...flatten(each));
  }
  return children;
}
