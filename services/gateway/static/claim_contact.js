// Who to reach: shown after saying what for, on record, and gone from the page when the dialog closes.
import { post } from "./api.js";
import { PURPOSES } from "./cards.js";
import { byId, el, whenExactly } from "./dom.js";
import { Dialog } from "./form.js";
import { option } from "./names.js";

const SHOWN = [
  ["contact_name", "联系人"], ["contact_phone", "电话"], ["contact_address", "地址"], ["guardian_name", "监护人"],
  ["guardian_phone", "监护人电话"], ["birth_date", "出生日期"], ["details", "详情"], ["note", "备注"], ["notes", "评估记录"],
];
const ALWAYS = ["contact_name", "contact_phone", "contact_address"];

/** Return `reveal(path, title, words)`; a partner has one purpose. */
export function revealing(staff) {
  const shown = byId("shown");
  const purposes = Object.entries(PURPOSES).slice(0, staff ? undefined : 1);
  byId("reveal-purpose").append(...purposes.map(([code, name]) => option(code, name)));
  const ask = new Dialog(byId("reveal"), {
    values: (data) => ({ purpose: data.get("purpose") }),
    send: async (body, key, about) => { about.answer = await post(about.path, body, key); },
    after: (about) => {
      byId("shown-about").textContent = about.words;
      byId("shown-facts").replaceChildren(...facts(about.answer));
      byId("shown-record").replaceChildren("已记录本次查看：", whenExactly(about.answer.revealed_at));
      about.answer = null;
      shown.showModal();
    },
  });
  byId("shown-close").addEventListener("click", () => shown.close());
  shown.addEventListener("close", () => byId("shown-facts").replaceChildren());
  addEventListener("pagehide", () => shown.close()); // A browser may keep the page as it was, to come back to.

  return (path, title, words) => {
    byId("reveal-title").textContent = title;
    byId("reveal-about").textContent = words;
    ask.open({ path, words });
  };
}

function facts(answer) {
  return SHOWN.filter(([name]) => answer[name] || (name in answer && ALWAYS.includes(name))).flatMap(([name, title]) => [
    el("dt", {}, title),
    el("dd", {}, answer[name] && name.endsWith("phone") ? phone(answer[name]) : answer[name] ?? el("span", { class: "faint" }, "没有登记")),
  ]);
}

const phone = (number) => el("a", { href: `tel:${number.replaceAll(/[^+\d]/g, "")}` }, number);
