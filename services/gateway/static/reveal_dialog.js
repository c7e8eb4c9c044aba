// Private data of one client or need: shown once somebody has said what for, gone when the dialog closes.
import { post } from "./api.js";
import { announce, byId, el, whenExactly } from "./dom.js";
import { Dialog } from "./form.js";

const FIELDS = {
  contact_name: "姓名", contact_phone: "电话", contact_address: "地址", birth_date: "出生日期",
  guardian_name: "监护人", guardian_phone: "监护人电话", details: "详情", notes: "备注",
};

/**
 * Return what opens the dialog for `{ path, title, onCorrect }`: the thing's address, what it is called, and what is done
 * with its data where somebody wants to correct them. `after(about)` is called when they have been shown.
 */
export function revealing({ after = () => {} } = {}) {
  const shown = byId("private");
  let data = null;
  let about = null;

  const why = new Dialog(byId("reveal"), {
    values: (given) => ({ purpose: given.get("purpose") }),
    send: async (body, key, asked) => {
      const found = await post(`${asked.path}/reveals`, body, key);
      if (why.about === asked) [data, about] = [found, asked]; // who closed the dialog meanwhile is not shown it
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
    byId("private-data").replaceChildren(...known.flatMap((name) => [
      el("dt", {}, FIELDS[name]), el("dd", { class: "lines" }, data[name])]));
    if (!known.length) byId("private-data").append(el("dd", {}, "没有登记任何个人资料。"));
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
    byId("reveal-about").textContent = asked.title;
    why.open(asked);
  };
}
