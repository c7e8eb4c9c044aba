// What alerts, visits and pairings look like. A person is a number here; who it is, only a reveal shows.
import { dayInWords, dayNode, daysUntil } from "./days.js";
import { el, when } from "./dom.js";
import { colleague, helpersInWords, isStaff, me } from "./people.js";
import { planInWords } from "./plan.js";

export const KINDS = { material: "物质帮扶", emotional: "情感关怀" };
export const ROLES = { lead: "牵头", visitor: "探访", material: "物资", tutor: "课业辅导", other: "其他" };
const DEGREES = ["很差", "较差", "一般", "较好", "很好"];
const STATES = { mood: "情绪", health: "健康", living: "生活" };
const GROUPS = JSON.parse(document.body.dataset.groups);
const ALERTS = { visits_missed: "连续没有探访记录", person_worse: "情况变差", plan_ends: "探访计划即将结束" };
const ALERT_TAGS = { visits_missed: "错过", person_worse: "请尽快", plan_ends: "到期" };
const ALERT_HINTS = {
  visits_missed: "最近的探访一直没有人记录，请问问帮扶人。",
  person_worse: "最近一次探访记录的情绪、健康或生活明显变差，请尽快了解。",
  plan_ends: "计划里的探访快做完了，请更改计划续期，或者结束结对。",
};
const CANCELLED = {
  person_away: "对象不在家", person_ill: "对象生病或住院", person_declined: "对象谢绝", helper_unavailable: "帮扶人来不了",
  weather: "天气原因", pairing_ended: "结对已结束", other: "其他原因",
};
const ENDED = {
  goals_reached: "目标已经达成", person_moved: "帮扶对象搬离", person_died: "帮扶对象去世", helper_left: "帮扶人离开",
  person_declined: "帮扶对象谢绝", consent_withdrawn: "帮扶对象撤回了同意", other: "其他原因",
};
const GOALS = { yes: "目标达成", partly: "目标部分达成", no: "目标没有达成" };

export const groupName = (code) => GROUPS[code] ?? code;
export const person = (id) => `服务对象 ${id.slice(-6)}`;
const facts = (...all) => el("div", { class: "facts" }, ...all.filter(Boolean).map((fact) => (fact instanceof Node ? fact : el("span", {}, fact))));
const kindTags = (kinds) => kinds.map((kind) => el("span", { class: "tag" }, KINDS[kind]));
const heading = (...content) => el("h3", { tabindex: "-1" }, ...content);
const alertPlace = () => el("p", { class: "alert", role: "alert", hidden: "" });

/** Buttons of a card; what they are about is part of their names. */
function actions(about, ...buttons) {
  return el("div", { class: "actions three" }, ...buttons.filter(Boolean).map(([text, onclick, style = "quiet"]) =>
    el("button", { class: style, type: "button", "aria-label": `${text}：${about}`, onclick }, text)));
}

export function alertCard(alert, names, { onWho, onVisits, onAcknowledge }) {
  const who = person(alert.client_id);
  return el("li", { class: "card" },
    el("div", { class: "head" },
      heading(`${who}：${ALERTS[alert.reason]}`),
      el("span", { class: alert.reason === "person_worse" ? "tag urgent" : "tag soon" }, ALERT_TAGS[alert.reason])),
    el("p", { class: "small" }, ALERT_HINTS[alert.reason]),
    facts(names.community(alert.community), `负责社工 ${colleague(alert.worker)}`, when(alert.created_at)),
    alertPlace(),
    actions(who, ["查看是谁", () => onWho(alert)], ["探访记录", () => onVisits(alert)], ["处理", () => onAcknowledge(alert), "primary"]));
}

function nearness(visit) {
  const days = daysUntil(visit.planned_on);
  if (visit.state === "missed") return ["已错过，可补记", "tag urgent"];
  if (days < 0) return [`过了 ${-days} 天，请记录`, "tag urgent"];
  return [days === 0 ? "今天" : days === 1 ? "明天" : days === 2 ? "后天" : `${days} 天后`, days < 2 ? "tag soon" : "tag closed"];
}

export function visitCard(visit, pairing, names, { onWho, onRecord, onReschedule, onCancel }) {
  const [near, style] = nearness(visit);
  const who = person(visit.client_id), about = `${who}，${dayInWords(visit.planned_on)}`;
  const open = visit.state === "planned";
  return el("li", { class: "card" },
    el("div", { class: "head" },
      heading(dayNode(visit.planned_on, ` ${visit.planned_time}`)), el("span", { class: style }, near)),
    el("p", {}, who, pairing ? el("span", { class: "faint" }, ` · ${groupName(pairing.target_group)}`) : null),
    facts(names.community(visit.community), `约 ${visit.planned_minutes} 分钟`, visit.rescheduled ? "改过期" : null,
      ...(pairing ? kindTags(pairing.kinds) : [])),
    pairing && isStaff ? el("p", { class: "small" }, "帮扶人：", helpersInWords(pairing.helpers, ROLES)) : null,
    alertPlace(),
    actions(about,
      [isStaff ? "查看是谁" : "联系方式", () => onWho(visit)],
      open && ["改期", () => onReschedule(visit)], open && ["取消", () => onCancel(visit)],
      daysUntil(visit.planned_on) <= 0 && [open ? "记录探访" : "补记", () => onRecord(visit), "primary"]));
}

export function pairingCard(pairing, names, { onWho, onRecord, onVisits, onWords, onPlan, onTransfer, onEnd }) {
  const who = person(pairing.client_id), active = pairing.state === "active";
  const next = active && pairing.next_visit_on, last = pairing.last_visit_on;
  return el("li", { class: "card" },
    el("div", { class: "head" }, heading(who), active ? null : el("span", { class: "tag closed" }, "已结束")),
    facts(names.community(pairing.community), groupName(pairing.target_group), ...kindTags(pairing.kinds)),
    el("p", {}, planInWords(pairing.plan)),
    el("p", { class: "small" }, "帮扶人：", helpersInWords(pairing.helpers, ROLES)),
    facts(
      isStaff ? `负责社工 ${colleague(pairing.worker)}` : null,
      next ? el("span", {}, "下次 ", dayNode(next)) : active ? "没有安排下次探访" : null,
      last ? el("span", {}, "上次 ", dayNode(last)) : null, `已探访 ${pairing.visits} 次`,
      pairing.transfers.length ? `移交过 ${pairing.transfers.length} 次` : null),
    active ? null : el("p", { class: "small" }, ending(pairing)),
    alertPlace(),
    actions(who, active && [isStaff ? "查看是谁" : "联系方式", () => onWho(pairing)], ["探访记录", () => onVisits(pairing)],
      isStaff && (pairing.has_goals || pairing.has_evaluation) && ["目标与评估", () => onWords(pairing)],
      isStaff && active && ["改计划", () => onPlan(pairing)],
      isStaff && active && ["移交", () => onTransfer(pairing)], isStaff && active && ["结束", () => onEnd(pairing)],
      active && ["记录探访", () => onRecord(pairing)]));
}

function ending({ ended_on: day, reason, stars, goals_reached: goals }) {
  const evaluated = stars ? `，${GOALS[goals]}，评分 ${stars} 星（满分 5 星）` : "";
  return `${dayInWords(day)}结束：${ENDED[reason] ?? reason}${evaluated}`;
}

/** One visit in the history of a pairing. */
export function pastVisitCard(visit, { onNote, onRecord }) {
  const day = visit.on ?? visit.planned_on, missed = visit.state === "missed";
  const [state, style] = {
    recorded: ["已探访", "tag"], missed: ["错过", "tag urgent"], cancelled: ["已取消", "tag closed"], planned: ["已安排", "tag closed"],
  }[visit.state];
  const how = Object.entries(STATES).filter(([name]) => visit[name]).map(([name, label]) =>
    el("span", { class: visit[name] === 1 ? "tag urgent" : null }, `${label} ${DEGREES[visit[name] - 1]}`));
  const mayRead = visit.has_note && (isStaff || visit.recorded_by === me);
  return el("li", { class: "card" },
    el("div", { class: "head" }, heading(dayNode(day, visit.state === "planned" ? ` ${visit.planned_time}` : "")), el("span", { class: style }, state)),
    facts(...visit.kinds.map((kind) => KINDS[kind]), visit.minutes === null ? null : `${visit.minutes} 分钟`, ...how),
    visit.goods.length ? el("p", { class: "small" }, `物资：${visit.goods.map((one) => `${one.name} ${one.quantity} ${one.unit}`).join("、")}`) : null,
    visit.helpers.length ? el("p", { class: "small faint" }, "到访：", helpersInWords(visit.helpers, ROLES)) : null,
    visit.reason ? el("p", { class: "small" }, `原因：${CANCELLED[visit.reason] ?? visit.reason}`) : null,
    mayRead || missed ? actions(dayInWords(day), mayRead && ["看笔记", () => onNote(visit)], missed && ["补记", () => onRecord(visit)]) : null);
}
