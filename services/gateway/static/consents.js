// What a client agreed to is entered and taken back; without the consent to the service nothing private is left of them.
import { Mistake, post } from "./api.js";
import { CONSENTS } from "./client_cards.js";
import { announce, byId } from "./dom.js";
import { Dialog, inStationTime } from "./form.js";

const SURE = "清除";
const EVERYTHING = "不再同意接受服务的，会清除这位服务对象的全部个人资料：姓名、电话、地址、出生日期、监护人和所有备注，还没有落实的需求一并撤下。清除以后不能恢复，谁也不能。";
const ONLY_THIS = "撤回以后，这项同意不再有效。个人资料不受影响。";

/** Return what opens the dialog for a client; `after(client)` is called once the consent is kept. */
export function consenting({ title, after }) {
  const dialog = new Dialog(byId("consent"), {
    values: (data) => ({
      what: data.get("what"), by_whom: data.get("by_whom"), how: data.get("how"),
      given_at: inStationTime(data.get("given_at")), note: data.get("note").trim() || null,
    }),
    send: async (body, key, client) => {
      await post(`/api/clients/${client.id}/consents`, body, key);
      announce(`已登记同意：${CONSENTS[body.what]}`);
    },
    after,
  });
  return (client) => {
    byId("consent-about").textContent = title(client);
    dialog.open(client);
    if (client.minor) byId("consent-by_whom").value = "guardian";
  };
}

/**
 * Return what asks whether a consent is really taken back, or, for `{ client_id }` alone, whether somebody is really to be
 * forgotten, agreed or not; `after(about)` is called once it is so.
 */
export function withdrawing({ after }) {
  const everything = (about) => !about.id || about.what === "service";
  const dialog = new Dialog(byId("withdraw"), {
    values: (data) => ({ by_whom: data.get("by_whom"), how: data.get("how") }),
    send: async (body, key, about) => {
      if (everything(about) && byId("withdraw-sure").value.trim() !== SURE) {
        throw new Mistake(0, { errors: [{ field: "sure", message: `请输入“${SURE}”` }] });
      }
      if (about.id) await post(`/api/consents/${about.id}/withdraw`, {}, key);
      else await post(`/api/clients/${about.client_id}/forget`, body, key);
      announce(everything(about) ? "个人资料已经清除" : `已撤回：${CONSENTS[about.what]}`);
    },
    after,
  });
  return (about) => {
    const all = everything(about);
    byId("withdraw-title").textContent = about.id ? "撤回同意" : "清除个人资料";
    byId("withdraw-about").textContent = about.id ? CONSENTS[about.what] : about.title;
    byId("withdraw-warning").textContent = all ? EVERYTHING : ONLY_THIS;
    byId("withdraw-warning").classList.toggle("alert", all);
    byId("withdraw-who").hidden = Boolean(about.id);
    byId("withdraw-all").hidden = !all;
    byId("withdraw-sure").required = all;
    byId("withdraw-now").textContent = all ? "清除资料" : "撤回";
    byId("withdraw-now").classList.toggle("danger", all);
    dialog.open(about);
  };
}
