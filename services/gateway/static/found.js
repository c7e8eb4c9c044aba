// What a search finds: in short, and whole once somebody looks at it.
import { get, newKey, post } from "./api.js";
import { NEED_STATES } from "./cards.js";
import { Column } from "./column.js";
import { decide } from "./decide.js";
import { el } from "./dom.js";
import { names } from "./names.js";
import { stateOf as stateOfOffer } from "./offer_card.js";
import { stateOf as stateOfProvider } from "./provider_card.js";

const PATHS = { offer: "/api/offers", provider: "/api/providers", need: "/api/needs" };
const THINGS = { offer: "资源", provider: "提供方", need: "需求" };
const STATES = {
  offer: stateOfOffer,
  provider: (state) => stateOfProvider({ state }),
  need: (state) => [NEED_STATES[state] ?? "等待匹配", "tag"],
};
const FOUND_BY = { word: "词语相符", part: "部分相符", pinyin: "拼音相符", initials: "首字母相符", category: "类别相符" };

export class Found extends Column {
  /** `cards` are what a whole offer, provider and need look like; `forms` are the names of an offer's. */
  constructor(name, { cards, forms }) {
    super(name, {
      path: "/api/search",
      card: (one) => (one.whole ? cards[one.whole](one) : this.short(one, forms)),
      arrived: (items) => `又找到 ${items.length} 条`,
    });
  }

  /** Ask in a body: what is looked for may be somebody's name. */
  read(query) {
    return post("/api/search", query, newKey());
  }

  short(one, forms) {
    const [state, style] = STATES[one.kind](one.state);
    const facts = [THINGS[one.kind], names.community(one.community), one.category && names.category(one.category),
      forms[one.form], FOUND_BY[one.found_by]].filter(Boolean);
    return el("li", { class: "card" },
      el("div", { class: "head" }, el("h3", { tabindex: "-1" }, one.title), el("span", { class: style }, state)),
      el("p", { class: "facts" }, ...facts.map((fact) => el("span", {}, fact))),
      el("p", { class: "alert", role: "alert", hidden: "" }),
      el("div", { class: "actions" }, el("button", { class: "quiet", type: "button", "aria-label": `查看：${one.title}`,
        onclick: (event) => decide(event.currentTarget, `look at ${one.id}`, () => this.look(one.id, one.kind)) }, "查看")));
  }

  async look(id, kind) {
    this.become(kind, await get(`${PATHS[kind]}/${id}`));
    this.focus(id);
  }

  /** Show a thing that was found as it is now. */
  become(kind, thing) {
    if (this.items.has(thing.id)) this.show({ ...thing, whole: kind }, {});
  }

  /** Bring one thing up to date that is shown whole. */
  async renew(id) {
    const { whole } = JSON.parse(this.items.get(id)?.dataset.state ?? "{}");
    if (whole) await get(`${PATHS[whole]}/${id}`).then((thing) => this.become(whole, thing), () => {});
  }
}
