// What two that may be one look like side by side, and what they look like once they were merged.
import { NEED_STATES } from "./cards.js";
import { GROUPS, KINDS, heading, short, tag } from "./client_cards.js";
import { el, onDay, whenExactly } from "./dom.js";
import { names } from "./names.js";

export const WHAT = { client: "服务对象", need: "需求" };
const COUNTED = { client: "位", need: "项" };
const REASONS = {
  same_phone: "电话相同", same_name_and_birth_year: "姓名和出生年份相同", near_name_and_address: "姓名和地址相近",
  same_text: "一个月内内容几乎相同",
};
const NEAR = ["near_name_and_address", "same_text"];
const STATES = { active: "服务中", inactive: "已合并或已清除", open: "进行中", ...NEED_STATES };
const ALWAYS_DIFFERS = "登记于";

const reasonOf = ({ reason, likeness }) => (REASONS[reason] ?? reason) + (NEAR.includes(reason) ? `（相似度 ${likeness}%）` : "");
const stateOf = (side) => STATES[side.state] ?? side.state;

/** The key of two, whichever comes first. */
export const both = (pair) => [pair.one.id, pair.other.id].sort().join();

/** The same two may be found for several reasons; that is one pair, which is decided about once. */
export function pairsOf(rows) {
  const found = new Map();
  for (const row of rows) {
    if (!found.has(both(row))) found.set(both(row), { ...row, reasons: [] });
    found.get(both(row)).reasons.push(reasonOf(row));
  }
  return [...found.values()];
}

/** One of two in a line. */
export function sideOf(side) {
  const facts = [short(side.id), side.title, names.community(side.community), side.birth_year && `${side.birth_year} 年生`, stateOf(side)];
  return facts.filter(Boolean).join("，");
}

/** What is compared of two: a name, and how it is read of each. */
const COMPARED = {
  client: [
    ["种类", (side) => KINDS[side.kind]],
    ["社区", (side) => names.community(side.community)],
    ["人群", (side) => GROUPS[side.target_group]],
    ["出生年份", (side) => side.birth_year ?? "未登记"],
    ["状态", stateOf],
    [ALWAYS_DIFFERS, (side) => onDay(side.created_at)],
  ],
  need: [
    ["需要什么", (side) => side.title],
    ["社区", (side) => names.community(side.community)],
    ["人群", (side) => GROUPS[side.target_group]],
    ["服务对象", (side) => (side.client_id ? el("a", { href: `#${side.client_id}` }, short(side.client_id)) : "未登记")],
    ["状态", stateOf],
    [ALWAYS_DIFFERS, (side) => onDay(side.created_at)],
  ],
};

const textOf = (shown) => shown.textContent ?? String(shown);
const refusal = () => el("p", { class: "alert", role: "alert", hidden: "" });
const named = (kind, side) => (kind === "client" ? el("a", { href: `#${side.id}` }, short(side.id)) : short(side.id));

export function pairCard(pair, { onReveal, onDismiss, onMerge }) {
  const about = `${short(pair.one.id)} 和 ${short(pair.other.id)}`;
  return el("li", { class: "card" },
    heading(`两${COUNTED[pair.kind]}${WHAT[pair.kind]}可能是同一${COUNTED[pair.kind]}`),
    el("div", { class: "facts" }, ...pair.reasons.map((reason) => tag(reason, "soon"))),
    table(pair, onReveal),
    refusal(),
    el("div", { class: "actions" },
      el("button", { class: "quiet", type: "button", "aria-label": `不是同一个：${about}`, onclick: (e) => onDismiss(pair, e.currentTarget) }, "不是同一个"),
      el("button", { class: "primary", type: "button", "aria-haspopup": "dialog", "aria-label": `合并：${about}`, onclick: () => onMerge(pair) }, "合并…")));
}

function table(pair, onReveal) {
  const sides = [pair.one, pair.other];
  const rows = COMPARED[pair.kind].map(([name, read]) => {
    const shown = sides.map(read);
    const differs = name !== ALWAYS_DIFFERS && textOf(shown[0]) !== textOf(shown[1]);
    return el("tr", {}, el("th", { scope: "row" }, name),
      ...shown.map((one) => el("td", { class: differs && "differs" }, one.nodeType ? one : String(one))));
  });
  const look = (side) => el("button", { class: "quiet", type: "button", "aria-haspopup": "dialog",
    "aria-label": `查看资料：${short(side.id)}`, onclick: () => onReveal(pair.kind, side) }, "查看");
  return el("table", { class: "compare" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "编号"), ...sides.map((side) => el("th", { scope: "col" }, named(pair.kind, side))))),
    el("tbody", {}, ...rows,
      el("tr", {}, el("th", { scope: "row" }, "资料"), ...sides.map((side) => el("td", {}, look(side))))));
}

export function mergeCard(merge, { onUndo }) {
  const [kept, gone] = merge.kept === merge.one.id ? [merge.one, merge.other] : [merge.other, merge.one];
  const told = (side) => (side.title ? `“${side.title}”` : "");
  return el("li", { class: "card" },
    heading(`合并了两${COUNTED[merge.kind]}${WHAT[merge.kind]}`),
    el("p", {}, "保留", told(kept), named(merge.kind, kept), merge.kind === "client" ? "，并入的是" : "，撤下的是", told(gone), named(merge.kind, gone)),
    el("div", { class: "facts" },
      el("span", {}, merge.reasons.join("；")), el("span", {}, names.community(kept.community)), whenExactly(merge.decided_at)),
    refusal(),
    el("div", { class: "actions" },
      el("button", { class: "quiet", type: "button", "aria-label": `撤销合并：${short(kept.id)} 和 ${short(gone.id)}`,
        onclick: (e) => onUndo(merge, e.currentTarget) }, "撤销合并")));
}
