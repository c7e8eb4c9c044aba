// What a need, a match, a message and a record of who looked at what look like.
import { el, span, when, whenExactly } from "./dom.js";

export const URGENCY = { 2: ["尽快", "tag soon"], 3: ["紧急", "tag urgent"] };
export const NEED_STATES = { draft: "草稿", partly_met: "部分满足", met: "已满足", cancelled: "已撤下", lapsed: "已过期" };
const MATCH_STATES = {
  confirmed: "已确认", scheduled: "已约定时间", delivered: "已完成", declined: "不合适", lapsed: "已失效", cancelled: "已取消",
};
const GOING_ON = ["confirmed", "scheduled", "delivered"];

const REASONS = {
  need_met: "需求已经落实", need_withdrawn: "需求已撤下", need_changed: "需求有改动",
  offer_used_up: "资源已经用完", offer_withdrawn: "资源已撤下", offer_changed: "资源有改动",
  better_found: "有了明显更合适的资源", suits_no_more: "时间已过或不再合适", blocked: "已登记不宜安排这两方",
  recipient_cancelled: "受助人取消", provider_cancelled: "提供方取消", recipient_no_show: "受助人未到场",
  provider_no_show: "提供方未到场", entered_by_mistake: "登记有误", other: "其他",
};

export const heading = (...content) => el("h3", { tabindex: "-1" }, ...content);

const SHOWN = 3; // reasons that add most to a score

export function needCard(need, names) {
  const [urgency, style] = URGENCY[need.urgency] ?? [];
  const facts = [
    names.community(need.community), names.category(need.category), `${need.quantity} ${need.unit}`,
    span(need.starts_at, need.ends_at),
  ].filter(Boolean).map((fact) => el("span", {}, fact));
  const tag = NEED_STATES[need.state] ? el("span", { class: "tag closed" }, NEED_STATES[need.state])
    : urgency ? el("span", { class: style }, urgency) : null;
  return el("li", { class: "card" },
    el("div", { class: "head" }, heading(need.title), tag),
    el("div", { class: "facts" }, ...facts),
    el("p", { class: "faint small" }, "登记于 ", when(need.created_at)));
}

export function matchCard(match, names, { mayDecide, onConfirm, onConfirmPart, onDecline }) {
  const decided = MATCH_STATES[match.state];
  const about = `${match.need_title}，${match.offer_title}`;
  const actions = decided || !mayDecide ? null : el("div", { class: "actions" },
    el("button", { class: "quiet", type: "button", "aria-label": `不合适：${about}`, onclick: (e) => onDecline(match, e.currentTarget) }, "不合适"),
    match.quantity > 1 || otherwise(match) ? el("button", { class: "quiet", type: "button", "aria-label": `改数量确认：${about}`, onclick: () => onConfirmPart(match) }, "改数量确认") : null,
    el("button", { class: "primary", type: "button", "aria-label": `确认：${about}`, onclick: (e) => onConfirm(match, e.currentTarget) }, "确认"));
  return el("li", { class: "card" },
    el("div", { class: "head" },
      el("div", { class: "pairing" },
        heading(el("span", { class: "side" }, "需求"), match.need_title),
        el("p", {}, el("span", { class: "side" }, "资源"), match.offer_title)),
      el("p", { class: "score" }, el("b", {}, String(match.score)), el("span", {}, "匹配分"))),
    el("div", { class: "facts" },
      el("span", {}, names.community(match.community)), el("span", {}, `${match.quantity} ${match.unit}`), when(match.created_at),
      decided ? el("span", { class: GOING_ON.includes(match.state) ? "tag" : "tag closed" }, decided) : null),
    ...reasons(match.parts),
    match.recommended ? el("p", { class: "small" }, `全盘推荐 ${match.recommended.quantity} ${match.unit}：${match.recommended.why}`) : null,
    match.reason ? el("p", { class: "small" }, `原因：${REASONS[match.reason] ?? match.reason}`) : null,
    el("p", { class: "alert", role: "alert", hidden: "" }),
    actions);
}

const SIDES = { recipient: "需求方", provider: "提供方" };
const STARS = ["", "很不满意", "不太满意", "一般", "满意", "非常满意"];

/** What became of a confirmed match. */
export function serviceCard(match, names, { mayDecide, onSchedule, onDeliver, onCancel, onRate, onReveal, onReach }) {
  const going = ["confirmed", "scheduled"].includes(match.state);
  const button = (name, does, style = "quiet") => el("button", {
    type: "button", class: style, "aria-label": `${name}：${match.need_title}`, onclick: () => does(match),
  }, name);
  const buttons = going && mayDecide ? [
    button("联系需求方", (one) => onReach("needs", one.need_id, one.need_title)),
    match.provider_id ? button("联系提供方", (one) => onReach("providers", one.provider_id, one.offer_title)) : null,
    button("取消", onCancel), button(match.starts_at ? "改时间" : "约定时间", onSchedule), button("登记完成", onDeliver, "primary"),
  ] : [
    match.has_note && mayDecide ? button("看记录", onReveal) : null,
    match.state === "delivered" ? button("评价", onRate) : null,
  ];
  const facts = [
    names.community(match.community), `${match.quantity} ${match.unit}`, match.starts_at ? span(match.starts_at, match.ends_at) : null,
    match.delivered === null ? null : `${match.delivered_on} 完成 ${match.delivered} ${match.unit}`,
    match.delivered && match.minutes ? `${match.minutes} 分钟` : null, match.delivered && match.people ? `${match.people} 人，${match.person_times} 人次` : null,
  ].filter(Boolean).map((fact) => el("span", {}, fact));
  return el("li", { class: "card" },
    el("div", { class: "head" },
      el("div", { class: "pairing" },
        heading(el("span", { class: "side" }, "需求"), match.need_title),
        el("p", {}, el("span", { class: "side" }, "资源"), match.offer_title)),
      el("span", { class: match.state === "cancelled" ? "tag closed" : match.state === "confirmed" ? "tag soon" : "tag" },
        match.state === "confirmed" ? "待约时间" : MATCH_STATES[match.state])),
    el("div", { class: "facts" }, ...facts),
    match.reason ? el("p", { class: "small" }, `原因：${REASONS[match.reason] ?? match.reason}`) : null,
    ...match.ratings.map((rating) => el("p", { class: "small" }, `${SIDES[rating.side]}评价：${rating.stars} 分，${STARS[rating.stars]}`)),
    el("p", { class: "alert", role: "alert", hidden: "" }),
    buttons.some(Boolean) ? el("div", { class: "actions" }, ...buttons.filter(Boolean)) : null);
}

/** Tell whether the plan of the whole board gives another quantity, or another time, than what is suggested. */
const otherwise = ({ recommended, quantity, occasion }) => recommended
  && (recommended.quantity !== quantity || recommended.occasion !== occasion);

/** What weighs most and what speaks against it is shown at once; what else adds to the score, when asked for. */
function reasons(parts) {
  const list = (shown, label) => el("ul", { class: "reasons", "aria-label": label }, ...shown.map((part) => el("li", {},
    el("span", { class: part.points < 0 ? "points against" : "points" }, (part.points > 0 ? "+" : "") + part.points),
    el("span", {}, part.text))));
  const weightiest = parts.filter((part) => part.points > 0).sort((a, b) => b.points - a.points).slice(0, SHOWN);
  const first = parts.filter((part) => part.points <= 0 || weightiest.includes(part));
  const rest = parts.filter((part) => !first.includes(part));
  const sum = rest.reduce((total, part) => total + part.points, 0);
  return [
    first.length ? list(first, "理由") : null,
    rest.length ? el("details", {}, el("summary", {}, `另有 ${rest.length} 项理由，共 +${sum} 分`), list(rest, "其他理由")) : null,
  ];
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

const LOOKED_AT = { need: "需求", client: "服务对象", provider: "提供方" };
export const PURPOSES = {
  contact_for_service: "联系服务", assessment: "评估", follow_up: "回访", correction: "更正资料", complaint: "处理投诉",
};

export function revealCard(record, names, { onPerson }) {
  const who = record.who ?? "已不在册的用户";
  return el("li", { class: "card" },
    el("div", { class: "head" },
      heading(`${who} 看了${LOOKED_AT[record.kind]}${record.title ? `“${record.title}”` : "的资料"}`),
      el("span", { class: "tag" }, PURPOSES[record.purpose] ?? record.purpose)),
    el("div", { class: "facts" },
      whenExactly(record.revealed_at), record.community ? el("span", {}, names.community(record.community)) : null,
      el("span", {}, `编号 ${record.subject_id}`)),
    el("div", { class: "actions" },
      el("button", { class: "quiet", type: "button", onclick: () => onPerson({ ...record, who }) }, `只看 ${who}`)));
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
