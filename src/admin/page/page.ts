// The page, in the browser: keeps what is known, draws it when it changes, does what is confirmed.
//
// Loaded by the document of page-document.ts; everything it shows comes from /stats/now,
// /stats/stream and the API. Keeps nothing between visits.

import type { PageStart } from "../page-routes.ts";
import type { PageState } from "../page-state.ts";
import { drawBans } from "./bans.ts";
import { browser, type PageElement } from "./browser.ts";
import { drawClients } from "./clients.ts";
import { grow } from "./grow.ts";
import type { ClientList, Link, Model, Moves, Question } from "./model.ts";
import { News } from "./news.ts";
import { patchChildren } from "./patch.ts";
import { drawListeners, drawPools } from "./pools.ts";
import { drawQuestion, verbOf } from "./question.ts";
import { drawCertificates, drawChanges, drawEnds, drawWorkers } from "./records.ts";
import { carryOut, readClients } from "./requests.ts";
import { drawStatistics } from "./statistics.ts";
import { drawHead, drawTotals, titleOf } from "./totals.ts";
import { h } from "./vnode.ts";

const CLIENTS_EVERY_MS = 3_000;
/** What was done is said for so long; what was not, until something else is. */
const NOTICE_MS = 8_000;
const NO_CLIENTS: ClientList = {
  order: "message-rate",
  prefix: "",
  total: 0,
  rows: [],
  problem: "",
};

class Page {
  private model: Model | null = null;
  private clients = NO_CLIENTS;
  private readonly root = find("#page");
  private readonly dialog = find("dialog");
  private readonly notice = find("#notice");
  private readonly moves: Moves = {
    ask: (question) => this.change({ question }),
    confirm: () => void this.confirm(),
    listClients: (change) => void this.listClients(change),
  };

  constructor() {
    // Escape; `close` comes later, when the dialog may have been opened anew.
    this.dialog.addEventListener("cancel", () => this.change({ question: null }));
    this.dialog.addEventListener("close", () => {
      if (!this.dialog.open) this.change({ question: null });
    });
    const news = new News({
      onStart: (start) => this.begin(start),
      onState: (state) => this.follow(state),
      onLink: (link) => this.change({ link }),
    });
    void news.follow();
    setInterval(() => {
      if (!browser.document.hidden && this.model !== null && !isInUse()) void this.listClients({});
    }, CLIENTS_EVERY_MS);
  }

  private begin({ user, state, history }: PageStart): void {
    // Another version has another page.
    if (this.model !== null && this.model.state.version !== state.version) {
      browser.location.reload();
      return;
    }
    const rest = this.model ?? { link: "connecting" as Link, question: null, notice: "" };
    const isFirst = this.model === null;
    this.model = { ...rest, user, state, history, clients: this.clients };
    this.draw();
    if (isFirst) void this.listClients({});
  }

  private follow(state: PageState): void {
    if (this.model === null) return;
    const history = grow(this.model.history, state);
    this.change({ state, history });
  }

  private async listClients(change: Parameters<Moves["listClients"]>[0]): Promise<void> {
    this.clients = { ...this.clients, ...change };
    const asked = this.clients;
    const answer = await readClients(asked);
    // Another list was asked for meanwhile.
    if (this.clients !== asked) return;
    this.clients = answer;
    this.change({ clients: answer });
  }

  private async confirm(): Promise<void> {
    const question = this.model?.question ?? null;
    if (question === null) return;
    this.change({ question: null });
    const { isDone, sentence: notice } = await carryOut(question, verbOf(question));
    this.change({ notice });
    if (isDone) setTimeout(() => this.forgetNotice(notice), NOTICE_MS);
    void this.listClients({});
  }

  private forgetNotice(notice: string): void {
    if (this.model?.notice === notice) this.change({ notice: "" });
  }

  private change(change: Partial<Model>): void {
    if (this.model === null) {
      this.notice.textContent = change.link === "away" ? "No answer; trying again" : "";
      return;
    }
    this.model = { ...this.model, ...change };
    this.draw();
  }

  private draw(): void {
    const { model, moves } = this;
    if (model === null) return;
    patchChildren(this.root, [
      drawHead(model),
      drawTotals(model),
      h("div", { class: "pools" }, drawPools(model, moves)),
      drawListeners(model),
      drawClients(model, moves),
      h("div", { class: "columns" }, drawStatistics(model)),
      h("div", { class: "columns" }, drawChanges(model), drawEnds(model), drawWorkers(model)),
      ...[drawBans(model, moves), drawCertificates(model)].filter((section) => section !== null),
    ]);
    const title = titleOf(model);
    if (browser.document.title !== title) browser.document.title = title;
    if (this.notice.textContent !== model.notice) this.notice.textContent = model.notice;
    this.drawDialog(model.question);
  }

  private drawDialog(question: Question | null): void {
    const { model, moves, dialog } = this;
    if (model === null) return;
    patchChildren(dialog, h("div", {}, drawQuestion(model, moves)).children);
    if (question !== null && !dialog.open) dialog.showModal?.();
    if (question === null && dialog.open) dialog.close?.();
  }
}

/** Whether somebody is about to press a button in the list of clients: it must not move then. */
function isInUse(): boolean {
  const rows = '[aria-labelledby="clients"] tbody';
  return browser.document.querySelector(`${rows}:is(:hover, :focus-within)`) !== null;
}

function find(selector: string): PageElement {
  const element = browser.document.querySelector(selector);
  if (element === null) throw new Error(`Cannot find ${selector} in the page`);
  return element;
}

new Page();
