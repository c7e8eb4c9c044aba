// What a client agreed to is entered and taken back; without the consent to the service nothing private is left of them.
import { Mistake, post } from "./api.js";
import { CONSENTS } from "./client_cards.js";
import { announce, byId } from "./dom.js";
import { Dialog, inStationTime } from "./form.js";

const SURE = "清除";
const EVERYTHING = "撤回接受服务的同意，会清除这位服务对象的全部个人资料：姓名、电话、地址、出生日期、监护人和所有备注，还没有落实的需求一并撤下。清除以后不能恢复，谁也不能。";
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

/** Return what asks whether a consent is really taken back; `after(consent)` is called once it is. */
export function withdrawing({ after }) {
  const dialog = new Dialog(byId("withdraw"), {
    values: () => ({}),
    send: async (body, key, consent) => {
      if (consent.what === "service" && byId("withdraw-sure").value.trim() !== SURE) {
        throw new Mistake(0, { errors: [{ field: "sure", message: `请输入“${SURE}”` }] });
      }
      await post(`/api/consents/${consent.id}/withdraw`, body, key);
      announce(consent.what === "service" ? "已撤回，个人资料已经清除" : `已撤回：${CONSENTS[consent.what]}`);
    },
    after,
  });
  return (consent) => {
    const all = consent.what === "service";
    byId("withdraw-about").textContent = CONSENTS[consent.what];
    byId("withdraw-warning").textContent = all ? EVERYTHING : ONLY_THIS;
    byId("withdraw-warning").classList.toggle("alert", all);
    byId("withdraw-all").hidden = !all;
    byId("withdraw-sure").required = all;
    byId("withdraw-now").textContent = all ? "撤回并清除资料" : "撤回";
    byId("withdraw-now").classList.toggle("danger", all);
    dialog.open(consent);
  };
}
