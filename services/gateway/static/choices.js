// Choices of forms: checkboxes, and the communities that something may serve.
import { byId, el } from "./dom.js";
import { Mistake } from "./api.js";
import { communities } from "./names.js";

/** The codes and texts of a select. */
export const texts = (id) => Object.fromEntries([...byId(id).options].map(({ value, text }) => [value, text]));

const boxes = (id) => [...byId(id).querySelectorAll("input[type=checkbox]")];
export const ticked = (id) => boxes(id).filter((box) => box.checked).map((box) => box.value);
export function tick(id, codes) {
  for (const box of boxes(id)) box.checked = codes.includes(box.value);
}

/** Whom something of a form may serve: all communities (none named), its own, or those that are chosen. */
export class Reach {
  constructor(form) {
    Object.assign(this, { select: byId(`${form}-serves`), some: `${form}-serves-some` });
    byId(this.some).append(...[...communities.values()].map(({ code, name }) => el("label", {}, el("input", { type: "checkbox", value: code }), name)));
    this.select.addEventListener("change", () => this.show());
    this.select.form.addEventListener("reset", () => setTimeout(() => this.show()));
  }

  show() {
    byId(this.some).hidden = this.select.value !== "some";
  }

  get(community) {
    return { own: [community], some: ticked(this.some) }[this.select.value] ?? [];
  }

  set(serves, community) {
    this.select.value = !serves.length ? "" : serves.every((code) => code === community) ? "own" : "some";
    tick(this.some, serves);
    this.show();
  }

  /** What is wrong: none chosen would mean all. */
  mistakes() {
    return this.select.value === "some" && !ticked(this.some).length ? [{ field: "serves", message: "请至少选一个社区" }] : [];
  }
}

/** Refuse, before anything is sent, what the page itself can see. */
export function refuse(mistakes) {
  if (mistakes.length) throw new Mistake(422, { detail: mistakes[0].message, errors: mistakes });
}

/** What of a form's values is other than before. */
export function changed(values, before) {
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name])));
}
