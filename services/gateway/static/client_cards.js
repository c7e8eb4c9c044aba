// What clients, their consents, their assessments and looks at their data look like; never who somebody is.
import { PURPOSES } from "./cards.js";
import { byId, el, onDay, whenExactly } from "./dom.js";
import { names } from "./names.js";

// The names of codes are those of the forms.
const named = (select) => Object.fromEntries([...byId(select).options].map(({ value, text }) => [value, text]));
export const KINDS = named("client-kind");
export const GROUPS = named("client-target_group");
export const CONSENTS = named("consent-what");
const BY_WHOM = named("consent-by_whom");
const HOW = named("consent-how");
const URGENCY = { 1: "可以等", 2: "尽快", 3: "紧急" };
const GRAVE = ["high", "urgent"];
const MOST = 20; // points of a part

/** The end of an id, by which two of a kind can be told apart. */
export const short = (id) => `尾号 ${id.slice(-6)}`;
export const heading = (...content) => el("h3", { tabindex: "-1" }, ...content);
export const tag = (text, kind = "") => el("span", { class: `tag ${kind}`.trim() }, text);

export const nameOf = (client) => `${KINDS[client.kind]} · ${GROUPS[client.target_group]}`;

export function tagsOf(client, levels) {
  const missing = client.minor && client.active && !client.guardian_consents;
  return [
    client.merged_into ? tag("已合并", "closed") : client.active ? null : tag("资料已清除", "closed"),
    client.minor ? tag("未满 14 周岁", "soon") : null,
    missing ? tag("缺监护人同意", "urgent") : null,
    client.minor && client.guardian_consents ? tag("监护人已同意") : null,
    client.level ? tag(`评估：${levels.get(client.level) ?? client.level}`, GRAVE.includes(client.level) ? "urgent" : "") : null,
    client.possible_duplicates && client.active ? tag("可能重复", "soon") : null,
  ].filter(Boolean);
}

export function factsOf(client) {
  return [
    names.community(client.community), client.birth_year ? `${client.birth_year} 年生` : null,
    client.has_contact || !client.active ? null : "没有联系方式", short(client.id),
  ].filter(Boolean).map((fact) => el("span", {}, fact)).concat(el("span", {}, "登记于 ", onDay(client.created_at)));
}

export function clientCard(client, { levels, chosen }) {
  const tags = tagsOf(client, levels);
  return el("li", { class: "card opens" },
    heading(el("a", { href: `#${client.id}`, "aria-current": chosen && "true" }, nameOf(client))),
    tags.length ? el("div", { class: "facts" }, ...tags) : null,
    el("div", { class: "facts" }, ...factsOf(client)));
}

export function consentCard(consent, { onWithdraw }) {
  const gone = consent.withdrawn_at;
  return el("li", { class: "card" },
    el("div", { class: "head" }, heading(CONSENTS[consent.what]), gone ? tag("已撤回", "closed") : tag("有效")),
    el("div", { class: "head" },
      el("div", { class: "facts" },
        el("span", {}, `${BY_WHOM[consent.by_whom]} · ${HOW[consent.how]}`), el("span", {}, whenExactly(consent.given_at)),
        consent.has_note ? el("span", {}, "有备注") : null, gone ? el("span", {}, "撤回于 ", whenExactly(gone)) : null),
      gone ? null : el("button", { class: "quiet still", type: "button", "aria-haspopup": "dialog",
        "aria-label": `撤回同意：${CONSENTS[consent.what]}`, onclick: () => onWithdraw(consent) }, "撤回…")));
}

/** An assessment: its points by part, and on request what was answered, where the form is still the same. */
export function assessmentCard(assessment, form) {
  const known = form?.version === assessment.form;
  return el("li", { class: "card" },
    el("div", { class: "head" },
      el("div", {}, heading(`第 ${assessment.version} 次评估`), el("p", { class: "faint small" }, whenExactly(assessment.assessed_at))),
      el("p", { class: "score" }, el("b", {}, String(assessment.total)), el("span", {}, "满分 100"))),
    el("div", { class: "facts" },
      tag(`等级：${assessment.level_name}`, GRAVE.includes(assessment.level) ? "urgent" : ""),
      el("span", {}, `建议紧急程度：${URGENCY[assessment.suggested_urgency]}`), assessment.has_notes ? el("span", {}, "有备注") : null),
    el("ul", { class: "parts", "aria-label": "各部分得分" }, ...(form?.parts ?? []).map(({ code, label }) => el("li", {},
      el("span", {}, label), el("progress", { max: MOST, value: assessment[code], "aria-hidden": "true" }),
      el("span", {}, `${assessment[code]} / ${MOST}`)))),
    known ? el("details", {}, el("summary", {}, "各项回答"), answers(assessment.answers, form)) : null);
}

function answers(given, form) {
  const chosen = new Map(given.map(({ item, option }) => [item, option]));
  const items = form.parts.flatMap((part) => part.items);
  return el("dl", { class: "given" }, ...items.flatMap(({ code, label, options }) => [
    el("dt", {}, label), el("dd", {}, options.find((one) => one.code === chosen.get(code))?.label ?? "没有回答")]));
}

export function lookCard(record) {
  return el("li", { class: "card" },
    el("div", { class: "head" }, heading(record.who ?? "已不在册的用户"), tag(PURPOSES[record.purpose] ?? record.purpose)),
    el("div", { class: "facts" }, whenExactly(record.revealed_at)));
}
