// What a need on the claim board, a claim and a place in the ranking look like.
import { Mistake } from "./api.js";
import { URGENCY, heading } from "./cards.js";
import { el, span, when } from "./dom.js";
import { providerName } from "./providers.js";

const STATES = {
  claimed: ["等待批准", "tag soon"], approved: ["进行中", "tag"], fulfilled: ["已完成", "tag"],
  lapsed: ["已失效", "tag closed"], rejected: ["未批准", "tag closed"],
};
const PROGRESS = { contacted: "已经联系上", arranged: "已经约好时间" };
const RELEASED = {
  claimer_cannot: "认领方无法完成", recipient_declined: "服务对象不需要了", handed_over: "转交给了别的提供方",
  need_withdrawn: "需求已撤下", other: "其他",
};
const GIVEN_UP = { handed_over: "已转交", need_withdrawn: "需求已撤下" };
const STEPS = {
  claimed: "提出认领", approved: "批准", rejected: "不批准", contacted: "已经联系上", arranged: "已经约好时间",
  reminded: "系统提醒", fulfilled: "登记完成", released: "结束认领", lapsed: "到期失效",
};
const FORGOTTEN = "（内容已应本人要求删除）";

const dayOfMonth = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "long", day: "numeric" });
/** A day, or the day of a moment, in the station's time. */
const day = (moment) => el("time", { datetime: moment }, dayOfMonth.format(new Date(moment)));
const facts = (...all) => el("div", { class: "facts" }, ...all.filter(Boolean).map((fact) => el("span", {}, fact)));
const trouble = () => el("p", { class: "alert", role: "alert", hidden: "" });

/** Buttons, each `[name, run, style]`; what they are about is said to who cannot see the card around them. */
function buttons(about, actions) {
  return actions.length ? el("div", { class: "actions" }, ...actions.map(([name, run, style = "quiet"]) => el("button", {
    type: "button", class: style, "aria-label": `${name}：${about}`, onclick: (event) => run(event.currentTarget),
  }, name))) : null;
}

export function listingCard(listing, { groups, actions }) {
  const [urgency, style] = URGENCY[listing.urgency] ?? [];
  return el("li", { class: "card" },
    el("div", { class: "head" }, heading(listing.text || FORGOTTEN), urgency ? el("span", { class: style }, urgency) : null),
    facts(listing.community_name, listing.category_name, groups[listing.target_group] ?? listing.target_group),
    el("p", {}, el("b", {}, `还可认领 ${listing.quantity_left} ${listing.unit}`)),
    facts(span(listing.starts_at, listing.ends_at) ?? "时间不限",
      listing.days_waiting ? `已等 ${listing.days_waiting} 天` : "今天开放"),
    trouble(),
    buttons(listing.text, actions));
}

export function claimCard(claim, names, { actions, steps }) {
  const [state, style] = STATES[claim.state] ?? [GIVEN_UP[claim.reason] ?? "已放弃", "tag closed"];
  return el("li", { class: "card" },
    el("div", { class: "head" }, heading(claim.text || FORGOTTEN), el("span", { class: style }, state)),
    el("p", {}, `${providerName(claim.provider_id)} 认领 `, el("b", {}, `${claim.quantity} ${claim.unit}`)),
    facts(names.community(claim.community), el("span", {}, "认领于 ", when(claim.claimed_at)), claim.handed_from ? "转交而来" : null),
    ...course(claim),
    el("details", { ontoggle: (event) => event.target.open && tell(event.target, steps) }, el("summary", {}, "经过")),
    trouble(),
    buttons(claim.text, actions));
}

/** How it stands: by when something has to be done, what was done, or why it ended. */
function course(claim) {
  if (claim.state === "claimed" || claim.state === "approved") {
    const missing = claim.state === "claimed" ? "前没有批准会自动失效" : "前没有进展会自动失效";
    return [
      claim.progress ? el("p", {}, `进展：${PROGRESS[claim.progress]}`) : null,
      el("p", { class: "small" }, claim.reminded_at ? el("span", { class: "tag soon" }, "已提醒") : null, " ", day(claim.due_at), missing),
    ];
  }
  if (claim.state === "fulfilled") {
    return [facts(el("span", {}, day(claim.ended_on), `完成 ${claim.fulfilled} ${claim.unit}`), ...reached(claim))];
  }
  const reason = claim.state === "lapsed" ? "到期没有进展" : RELEASED[claim.reason] ?? claim.reason;
  return [reason ? el("p", {}, `原因：${reason}`) : null, facts(el("span", {}, day(claim.ended_on), "结束"))];
}

const reached = ({ people, person_times, minutes }) => [
  people || person_times ? `${people} 人，${person_times} 人次` : null, minutes ? `用时 ${duration(minutes)}` : null,
];

const duration = (minutes) => [[Math.floor(minutes / 60), "小时"], [minutes % 60, "分钟"]]
  .filter(([number]) => number).map(([number, unit]) => `${number} ${unit}`).join(" ");

/** Say what was done about a claim, step by step, once somebody asks. */
async function tell(details, steps) {
  const line = ({ step, reason, at }) => el("li", {},
    when(at), ` ${STEPS[step] ?? step}`, reason ? `：${RELEASED[reason] ?? reason}` : "");
  let told;
  try {
    told = el("ol", { class: "steps", role: "list" }, ...(await steps()).map(line));
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    told = el("p", {}, error.message);
  }
  details.replaceChildren(details.querySelector("summary"), told);
}

export function rankCard(rank, place, mine) {
  return el("li", { class: "card" },
    el("div", { class: "head" },
      heading(`${place}. ${providerName(rank.provider_id, rank.kind)}`), mine ? el("span", { class: "tag" }, "本方") : null),
    facts(`完成 ${rank.deliveries} 项`, `共 ${rank.quantities.map(({ unit, quantity }) => `${quantity} ${unit}`).join("、")}`, ...reached(rank)),
    rank.lapsed_percent === null ? null : facts(`到期失效 ${rank.lapsed_percent}%`, `中途放弃 ${rank.released_percent}%`));
}
