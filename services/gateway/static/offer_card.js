// What an offer looks like: what is left of it, when, for whom, and what may be done about it.
import { el } from "./dom.js";
import { names } from "./names.js";
import { sayTimes } from "./times.js";

const STATES = {
  open: ["可用", "tag"], held: ["等提供方核实", "tag soon"], paused: ["提供方暂停", "tag soon"], used_up: ["已用完", "tag closed"],
  withdrawn: ["已撤下", "tag closed"], expired: ["已到期", "tag closed"],
};
const OVER = ["withdrawn", "expired"];
const STOCK = ["goods", "money"];
const EACH = { day: "每天", week: "每周", month: "每月", hours: "每个时段", room: "每个时段", posts: "每次最多" };
const PAYERS = { provider: "提供方承担运费", recipient: "受助方承担运费", station: "社工站承担运费" };

export const stateOf = (state) => STATES[state] ?? [state, "tag"];

/** What there is of an offer, in one phrase. */
export function left(offer) {
  if (offer.form === "unlimited") return "不限量";
  if (!STOCK.includes(offer.form)) return `${EACH[offer.period] ?? EACH[offer.form]} ${offer.quantity} ${offer.unit}`;
  const given = offer.given ? `，已送出 ${offer.given} ${offer.unit}` : "";
  return (offer.on_hand > 0 ? `还有 ${offer.on_hand} ${offer.unit}` : "没有剩余") + given;
}

function sayReach({ serves, community }) {
  const others = serves.filter((code) => code !== community);
  if (!serves.length) return "所有社区都可以用";
  return others.length ? `也可以给：${others.map(names.community).join("、")}` : "只在本社区";
}

/** `provider` is an element with the provider's name; of `onChange`, `onStock`, `onWithdraw` those that are given are offered. */
export function offerCard(offer, { forms, groups, provider, onChange, onStock, onWithdraw }) {
  const [state, style] = stateOf(offer.state);
  const head = el("div", { class: "head" }, el("h3", { tabindex: "-1" }, offer.title), el("span", { class: style }, state));
  const what = el("p", { class: "facts" }, provider, ...[names.community(offer.community), names.category(offer.category), forms[offer.form]]
    .map((fact) => el("span", {}, fact)));
  if (OVER.includes(offer.state)) return el("li", { class: "card over" }, head, what);
  const facts = [
    offer.target_groups.length ? `给${offer.target_groups.map((code) => groups[code] ?? code).join("、")}` : "面向所有人",
    sayReach(offer), PAYERS[offer.transport],
  ].filter(Boolean);
  const times = sayTimes(offer);
  const action = (text, act) => act ? el("button", { class: "quiet", type: "button",
    "aria-label": `${text}：${offer.title}`, onclick: () => act(offer) }, text) : null;
  const actions = [
    action("更改", onChange), STOCK.includes(offer.form) ? action("入库、出库", onStock) : null, action("撤下", onWithdraw),
  ].filter(Boolean);
  return el("li", { class: "card" }, head, what,
    el("p", {}, el("b", {}, left(offer)), offer.purpose ? `，用于${offer.purpose}` : ""),
    times.length ? el("ul", { class: "small", "aria-label": "时间" }, ...times.map((time) => el("li", {}, time))) : null,
    el("p", { class: "facts" }, ...facts.map((fact) => el("span", {}, fact))),
    offer.conditions ? el("p", { class: "small" }, `条件：${offer.conditions}`) : null,
    el("p", { class: "alert", role: "alert", hidden: "" }),
    actions.length ? el("div", { class: "actions slim" }, ...actions) : null);
}
