// The dialog before anything is done: what, to whom, and what follows from it. Pure.

import type { Model, Moves, Question, ServerAct } from "./model.ts";
import { type Content, h, typedIn } from "./vnode.ts";

const WEIGHT_MAX = 256;

interface Act {
  readonly act: ServerAct;
  readonly name: string;
  /** On the button: `Drain brokers/b1`. */
  readonly verb: string;
  readonly consequence: string;
}

const ACTS: readonly Act[] = [
  {
    act: "drain",
    name: "Drain",
    verb: "Drain",
    consequence: "It gets no new clients and keeps those that it has.",
  },
  {
    act: "empty",
    name: "Empty",
    verb: "Empty",
    consequence: "It drains, and its clients are sent to others, at the pace of the pool.",
  },
  {
    act: "stay",
    name: "Stop emptying",
    verb: "Stop sending away clients of",
    consequence: "Who has not gone yet stays. A server that was emptied stays in drain.",
  },
  {
    act: "ready",
    name: "Ready",
    verb: "Make ready",
    consequence: "It takes part in balancing again.",
  },
  {
    act: "maintenance",
    name: "Maintenance",
    verb: "Put into maintenance:",
    consequence: "It gets no clients and is not checked.",
  },
  {
    act: "weight",
    name: "Weight",
    verb: "Change the weight of",
    consequence: "Its share of new clients, until the file says otherwise.",
  },
  {
    act: "end",
    name: "End connections",
    verb: "End all connections of",
    consequence:
      "Every client it has now is disconnected. Drain it first, or they come back to it.",
  },
];

/** The content of the dialog. */
export function drawQuestion({ question }: Model, moves: Moves): Content {
  if (question === null) return null;
  return h(
    "form",
    {
      method: "dialog",
      key: question.kind,
      onsubmit: (event) => {
        event.preventDefault();
        moves.confirm();
      },
    },
    question.kind === "server" && drawServer(question, moves),
    question.kind === "pool" && drawPool(question),
    question.kind === "client" && drawClient(question),
    question.kind === "ban" && drawBan(question),
    h(
      "div",
      { class: "buttons end" },
      h("button", { type: "button", onclick: () => moves.ask(null) }, "Cancel"),
      h(
        "button",
        { type: "submit", class: isHarsh(question) ? "harsh" : "primary" },
        verbOf(question),
      ),
    ),
  );
}

/** Whether clients lose their connections by it. */
function isHarsh(question: Question): boolean {
  return question.kind === "client" || (question.kind === "server" && question.act === "end");
}

/** What is done, in words: `Drain brokers/b1`. */
export function verbOf(question: Question): string {
  if (question.kind === "client") return `End the connection of ${question.name}`;
  if (question.kind === "ban") return `Lift the ban of ${question.key} at ${question.listener}`;
  if (question.kind === "pool") {
    return `${question.act === "rebalance" ? "Rebalance" : "Stop rebalancing"} ${question.pool}`;
  }
  const { verb } = ACTS.find(({ act }) => act === question.act)!;
  return `${verb} ${question.pool}/${question.server}`;
}

function drawServer(question: Question & { readonly kind: "server" }, moves: Moves): Content {
  const { pool, server, act: chosen, weight } = question;
  return [
    h("h2", { id: "question" }, `Change ${pool}/${server}`),
    h(
      "fieldset",
      {},
      h("legend", { class: "unseen" }, "What to do"),
      ACTS.map(({ act, name, consequence }) =>
        h(
          "label",
          { class: "act", key: act },
          h("input", {
            type: "radio",
            name: "act",
            value: act,
            checked: act === chosen,
            onchange: () => moves.ask({ ...question, act }),
          }),
          h("span", {}, name, h("span", { class: "small" }, consequence)),
        ),
      ),
    ),
    chosen === "weight" &&
      h(
        "label",
        { class: "weight", key: "weight" },
        "New weight, 0 to 256 ",
        h("input", {
          type: "number",
          min: 0,
          max: WEIGHT_MAX,
          step: 1,
          required: true,
          value: weight,
          oninput: ({ target }) => moves.ask({ ...question, weight: typedIn(target) }),
        }),
      ),
  ];
}

function drawPool({ pool, act }: Question & { readonly kind: "pool" }): Content {
  const [title, consequence] =
    act === "rebalance"
      ? [
          `Rebalance pool ${pool}?`,
          "Servers with more than their share send the surplus to others, at the pace of the pool.",
        ]
      : [`Stop rebalancing pool ${pool}?`, "Who has not been sent away yet stays."];
  return [h("h2", { id: "question" }, title), h("p", {}, consequence)];
}

function drawClient({ name }: Question & { readonly kind: "client" }): Content {
  return [
    h("h2", { id: "question" }, `End the connection of ${name}?`),
    h("p", {}, "The client is disconnected at once. Most come back by themselves."),
  ];
}

function drawBan({ by, key, listener }: Question & { readonly kind: "ban" }): Content {
  const clients = `Clients of this ${by.replace("-", " ")}`;
  return [
    h("h2", { id: "question" }, `Lift the ban of ${key} at ${listener}?`),
    h("p", {}, `${clients} may connect again, and their failures so far are forgotten.`),
  ];
}
