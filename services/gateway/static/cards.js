// What a need, a match and a message look like.
import { el, span, when } from "./dom.js";

const URGENCY = { 2: ["尽快", "tag soon"], 3: ["紧急", "tag urgent"] };
const MATCH_STATES = { confirmed: "已确认", declined: "不合适", lapsed: "已失效" };

const LAPSED = {
  need_met: "需求已经落实", need_withdrawn: "需求已撤下", need_changed: "需求有改动",
  offer_used_up: "资源已经用完", offer_withdrawn: "资源已撤下", offer_changed: "资源有改动",
};

const heading = (...content) => el("h3", { tabindex: "-1" }, ...content);

export function needCard(need, names) {
  const [urgency, style] = URGENCY[need.urgency] ?? [];
  const facts = [
    names.community(need.community), names.category(need.category), `${need.quantity} ${need.unit}`,
    span(need.starts_at, need.ends_at),
  ].filter(Boolean).map((fact) => el("span", {}, fact));
  const tag = need.state === "withdrawn" ? el("span", { class: "tag closed" }, "已撤下")
    : urgency ? el("span", { class: style }, urgency) : null;
  return el("li", { class: "card" },
    el("div", { class: "head" }, heading(need.title), tag),
    el("div", { class: "facts" }, ...facts),
    el("p", { class: "faint small" }, "登记于 ", when(need.created_at)));
}

export function matchCard(match, names, { mayDecide, onConfirm, onDecline }) {
  const reasons = match.parts.map((part) => el("li", {},
    el("span", { class: part.points < 0 ? "points against" : "points" }, (part.points > 0 ? "+" : "") + part.points),
    el("span", {}, part.text)));
  const decided = MATCH_STATES[match.state];
  const about = `${match.need_title}，${match.offer_title}`;
  const actions = decided || !mayDecide ? null : el("div", { class: "actions" },
    el("button", { class: "quiet", type: "button", "aria-label": `不合适：${about}`, onclick: (e) => onDecline(match, e.currentTarget) }, "不合适"),
    el("button", { class: "primary", type: "button", "aria-label": `确认：${about}`, onclick: (e) => onConfirm(match, e.currentTarget) }, "确认"));
  return el("li", { class: "card" },
    el("div", { class: "head" },
      el("div", { class: "pairing" },
        heading(el("span", { class: "side" }, "需求"), match.need_title),
        el("p", {}, el("span", { class: "side" }, "资源"), match.offer_title)),
      el("p", { class: "score" }, el("b", {}, String(match.score)), el("span", {}, "匹配分"))),
    el("div", { class: "facts" },
      el("span", {}, names.community(match.community)), el("span", {}, `${match.quantity} ${match.unit}`), when(match.created_at),
      decided ? el("span", { class: match.state === "confirmed" ? "tag" : "tag closed" }, decided) : null),
    reasons.length ? el("ul", { class: "reasons", "aria-label": "理由" }, ...reasons) : null,
    match.reason ? el("p", { class: "small" }, `原因：${LAPSED[match.reason] ?? match.reason}`) : null,
    el("p", { class: "alert", role: "alert", hidden: "" }),
    actions);
}

export function messageCard(message, { onRead }) {
  return el("li", { class: message.read_at ? "card" : "card unread" },
    heading(message.title),
    message.body ? el("p", {}, message.body) : null,
    el("div", { class: "head" },
      el("p", { class: "faint small" }, when(message.created_at)),
      message.read_at ? null : el("button", { class: "quiet", type: "button", "aria-label": `标为已读：${message.title}`,
        onclick: (event) => onRead(message, event.currentTarget) }, "标为已读")));
}

/** Put the suggestions for one need, which come one after another, in order of their score. */
export function bestFirst(matches) {
  const runs = [];
  for (const match of matches) {
    if (runs.at(-1)?.[0].need_id === match.need_id) runs.at(-1).push(match);
    else runs.push([match]);
  }
  return runs.flatMap((run) => run.sort((a, b) => b.score - a.score));
}
