// The choices of a plan in a dialog, with the dates on which it falls; they are shown before anything is kept.
import { Mistake, newKey, post } from "./api.js";
import { dayInWords, dayNode } from "./days.js";
import { byId, el } from "./dom.js";
import { choicesOf, ruleOf } from "./plan.js";

const PAUSE = 300; // ms without a change before the dates are asked for
const SHOWN = 6;
const PLAIN = ["visit_time", "visit_minutes", "first_on", "on_holidays"];

export class PlanChoices {
  constructor(form) {
    this.part = (name) => byId(`${form}-${name}`);
    this.asked = 0;
    this.part("plan").addEventListener("input", () => {
      clearTimeout(this.waiting);
      this.waiting = setTimeout(() => this.preview(), PAUSE);
      this.settle();
    });
  }

  /** Show a plan, or what is known of one; a rule that these choices cannot make may be kept. */
  fill(plan) {
    const choices = plan.rule ? choicesOf(plan.rule) ?? { every: "keep" } : {};
    for (const [name, value] of Object.entries({ ...plan, ...choices })) {
      if (this.part(name)) this.part(name).value = value;
    }
    this.kept = choices.every === "keep" ? plan.rule : null;
    const keep = this.part("every").querySelector("[value=keep]");
    if (keep) keep.hidden = !this.kept;
    this.settle();
    return this.preview();
  }

  settle() {
    const every = this.part("every").value;
    this.part("which").closest(".field").hidden = every !== "month";
    for (const name of ["weekday", "until"]) this.part(name).closest(".field").hidden = every === "keep";
  }

  values() {
    const choices = Object.fromEntries(["every", "weekday", "which", "until"].map((name) => [name, this.part(name).value]));
    const plain = Object.fromEntries(PLAIN.map((name) => [name, this.part(name).value]));
    const rule = choices.every === "keep" ? this.kept : ruleOf(choices);
    return { ...plain, rule, visit_minutes: Number(plain.visit_minutes) };
  }

  async preview() {
    const plan = this.values(), number = ++this.asked, place = this.part("dates");
    if (!plan.first_on || !plan.visit_time) return place.replaceChildren();
    const shown = await post("/api/pairing-plans", { plan, most: SHOWN }, newKey()).then(({ visits }) => visits.map(date), (error) => {
      if (!(error instanceof Mistake)) throw error;
      return [el("li", { class: "mistake" }, error.message)];
    });
    if (number === this.asked) place.replaceChildren(...(shown.length ? shown : [el("li", {}, "这个计划没有将来的探访。")]));
  }
}

function date({ on, rule_on: ruled, holiday }) {
  const why = on === ruled ? `${holiday}，照常` : `原定${dayInWords(ruled)}（${holiday}），顺延`;
  return el("li", {}, dayNode(on), ...(holiday ? [" ", el("span", { class: "tag soon" }, why)] : []));
}
