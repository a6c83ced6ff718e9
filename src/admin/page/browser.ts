// What the page uses of a browser, and nothing more. The project is compiled without the types of
// the DOM, so that no other file can take `window` or `name` for its own by mistake.

export interface PageNode {
  readonly childNodes: ArrayLike<PageNode>;
  textContent: string | null;
  insertBefore(node: PageNode, before: PageNode | null): unknown;
  removeChild(node: PageNode): unknown;
}

export interface PageElement extends PageNode {
  value?: string;
  checked?: boolean;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  addEventListener(type: string, listener: (event: never) => void): void;
  /** Of dialogs. */
  readonly open?: boolean;
  showModal?(): void;
  close?(): void;
}

interface PageDocument {
  readonly hidden: boolean;
  title: string;
  createElementNS(namespace: string, tag: string): PageElement;
  createTextNode(text: string): PageNode;
  querySelector(selector: string): PageElement | null;
  addEventListener(type: string, listener: () => void): void;
}

export interface MessageStream {
  addEventListener(type: string, listener: (event: { readonly data: string }) => void): void;
  close(): void;
}

interface Browser {
  readonly document: PageDocument;
  readonly location: { reload(): void };
  readonly EventSource: new (url: string) => MessageStream;
}

export const browser = globalThis as unknown as Browser;
