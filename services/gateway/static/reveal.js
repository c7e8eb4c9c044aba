// Private data: shown once somebody has said what for, on record, and gone from the page when the dialog closes.
import { post } from "./api.js";
import { PURPOSES } from "./cards.js";
import { announce, byId, el, whenExactly } from "./dom.js";
import { Dialog } from "./form.js";
import { option } from "./names.js";

const FIELDS = {
  contact_name: "姓名", contact_phone: "电话", contact_address: "地址", birth_date: "出生日期", guardian_name: "监护人",
  guardian_phone: "监护人电话", details: "详情", notes: "备注", note: "记录", goals: "目标", evaluation: "评估",
  recipient_comment: "需求方评语", provider_comment: "提供方评语",
};

/**
 * Return what opens the dialogs of reveal_dialog.html for one thing: `{ path, title, about, purposes, nothing, onCorrect }`.
 * `path` is where to ask, `purposes` what it may be for (one needs no choice), `onCorrect(data)` what is done where somebody
 * wants to correct them. `after(asked)` is called when they have been shown.
 */
export function revealing({ after = () => {} } = {}) {
  const [shown, purpose] = [byId("private"), byId("reveal-purpose")];
  let data = null;
  let about = null;

  const why = new Dialog(byId("reveal"), {
    values: (given) => ({ purpose: given.get("purpose") }),
    send: async (body, key, asked) => {
      const found = await post(asked.path, body, key);
      if (byId("reveal").open && why.about === asked) [data, about] = [found, asked]; // else it was closed meanwhile
    },
    after: (asked) => {
      if (data) show();
      after(asked);
    },
  });

  function show() {
    const known = Object.keys(FIELDS).filter((name) => data[name]);
    byId("private-title").textContent = about.title;
    byId("private-record").replaceChildren("这次查看已经记录：", whenExactly(data.revealed_at), "。关闭以后，内容不留在页面上。");
    byId("private-data").replaceChildren(...known.flatMap((name) => [el("dt", {}, FIELDS[name]), el("dd", {}, value(name, data[name]))]));
    if (!known.length) byId("private-data").append(el("dd", {}, about.nothing ?? "没有登记。"));
    byId("private-correct").hidden = !about.onCorrect;
    shown.showModal();
    byId("private-title").focus();
    announce("资料已显示");
  }

  function clear() {
    byId("private-data").replaceChildren();
    data = about = null;
  }

  byId("private-close").addEventListener("click", () => shown.close());
  byId("private-correct").addEventListener("click", () => {
    const [correct, known] = [about.onCorrect, data];
    shown.close();
    clear();
    correct(known);
  });
  shown.addEventListener("close", clear);
  // A page that the browser keeps for its way back keeps nothing of it.
  addEventListener("pagehide", () => shown.close());

  return (asked) => {
    const choices = Object.entries(asked.purposes ?? PURPOSES).map(([code, name]) => option(code, name));
    byId("reveal-title").textContent = asked.title;
    byId("reveal-about").textContent = asked.about ?? "";
    purpose.replaceChildren(...(choices.length > 1 ? [option("", "请选择")] : []), ...choices);
    why.open(asked);
  };
}

function value(name, text) {
  return name.endsWith("phone") ? el("a", { href: `tel:${text.replaceAll(/[^+\d]/g, "")}` }, text) : text;
}
