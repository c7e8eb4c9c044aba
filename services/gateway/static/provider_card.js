// What a provider looks like: whether it is verified and until when, what it agreed to, and what may be done about it.
import { el, when } from "./dom.js";
import { names } from "./names.js";
import { sayDay, today } from "./times.js";

const STATES = { draft: ["待核实", "tag soon"], verified: ["已核实", "tag"], paused: ["暂停", "tag closed"], left: ["已离开", "tag closed"] };
const TELL = { new_needs: "新的可认领需求", claims: "认领进展", reminders: "提醒", news: "站里的消息" };
const WAYS = { inbox: "站内消息", phone: "电话", wechat: "微信", email: "邮件" };

export const PERSONS = ["skilled_person", "volunteer"];
const isDue = (provider) => provider.state === "verified" && provider.due_on <= today();
export const stateOf = (provider) => (isDue(provider) ? ["待重新核实", "tag urgent"] : STATES[provider.state] ?? [provider.state, "tag"]);

function standing(provider) {
  if (provider.state === "paused") return `暂停原因：${provider.paused_because ?? "没有说明"}`;
  if (provider.state !== "verified") return null;
  if (provider.pauses_on) return `${sayDay(provider.due_on)}到期；${sayDay(provider.pauses_on)}以前没有重新核实，就会暂停`;
  return isDue(provider) ? `${sayDay(provider.due_on)}到期，请重新核实` : `核实有效至${sayDay(provider.due_on)}`;
}

function agreed({ tell, tell_by, named }) {
  const ways = tell_by.map((code) => WAYS[code] ?? code).join("、");
  const topics = tell.map((code) => TELL[code] ?? code).join("、");
  return [
    topics ? `愿意得知：${topics}${ways ? `（${ways}）` : ""}` : ways ? `联系用：${ways}` : null,
    named ? "同意公开名称" : null,
  ].filter(Boolean);
}

/** Of `acts` those that are given are offered: onVerify, onResume, onReveal, onOffer, onOffers, onChange, onPause, onLeave. */
export function providerCard(provider, { kinds, ...acts }) {
  const [state, style] = stateOf(provider);
  const head = el("div", { class: "head" }, el("h3", { tabindex: "-1" }, provider.name), el("span", { class: style }, state));
  const facts = (...texts) => el("p", { class: "facts" }, ...texts.filter(Boolean).map((text) => el("span", {}, text)));
  const who = [kinds[provider.kind], names.community(provider.community)];
  if (provider.state === "left") return el("li", { class: "card over" }, head, facts(...who));
  const action = (text, act, look = "quiet") => act ? el("button", { class: look, type: "button",
    "aria-label": `${text}：${provider.name}`, onclick: (event) => act(provider, event.currentTarget) }, text) : null;
  const is = (...states) => states.includes(provider.state);
  // Whoever was not confirmed in time cannot go on before that.
  const toConfirm = is("draft") || isDue(provider) || (is("paused") && provider.pauses_on && provider.pauses_on <= today());
  const first = [
    toConfirm ? action(is("draft") ? "核实" : "重新核实", acts.onVerify, "primary") : is("paused") ? action("恢复", acts.onResume, "primary") : null,
    provider.has_contact ? action("查看联系方式", acts.onReveal) : null,
    action("登记资源", acts.onOffer),
  ].filter(Boolean);
  const more = [
    action("看资源", acts.onOffers), action("更改", acts.onChange), is("verified", "paused") && !toConfirm ? action("重新核实", acts.onVerify) : null,
    is("verified") ? action("暂停", acts.onPause) : null, action("离开", acts.onLeave),
  ].filter(Boolean);
  const stands = standing(provider);
  const known = [provider.organisation_name, provider.credit_code].filter(Boolean);
  return el("li", { class: isDue(provider) ? "card due" : "card" }, head,
    facts(...who, provider.has_contact ? "有联系方式" : "没有联系方式"),
    stands ? el("p", { class: isDue(provider) ? "small warn" : "small" }, stands) : null,
    known.length ? facts(...known) : null,
    facts(provider.serves.length ? `服务${provider.serves.map(names.community).join("、")}` : "服务所有社区", ...agreed(provider)),
    el("p", { class: "faint small" }, "登记于 ", when(provider.created_at)),
    el("p", { class: "alert", role: "alert", hidden: "" }),
    el("div", { class: "actions slim" }, ...first),
    more.length ? el("details", {}, el("summary", {}, "更多操作"), el("div", { class: "actions slim" }, ...more)) : null);
}
