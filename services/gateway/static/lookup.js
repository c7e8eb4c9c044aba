// What carries a phone number is found without showing anybody; the number travels in a body and never in an address.
import { Mistake, newKey, post } from "./api.js";
import { NEED_STATES } from "./cards.js";
import { clientCard, heading, short, tag } from "./client_cards.js";
import { busy, byId, el } from "./dom.js";
import { names } from "./names.js";

const PROVIDER_STATES = { draft: "待核实", verified: "已核实", paused: "已暂停", left: "已退出" };
const phone = byId("lookup-phone");

function say(mistake) {
  byId("lookup-error").textContent = mistake;
  phone.setAttribute("aria-invalid", mistake ? "true" : "false");
}

function clear() {
  byId("found").hidden = true;
  byId("found-list").replaceChildren();
}

const needCard = (need) => el("li", { class: need.client_id ? "card opens" : "card" },
  el("div", { class: "head" },
    heading("需求：", need.client_id ? el("a", { href: `#${need.client_id}` }, need.title) : need.title), tag(NEED_STATES[need.state] ?? "进行中", NEED_STATES[need.state] && "closed")),
  el("div", { class: "facts" }, el("span", {}, names.community(need.community)), el("span", {}, names.category(need.category)),
    need.client_id ? el("span", {}, `服务对象${short(need.client_id)}`) : null));

const providerCard = (provider) => el("li", { class: "card" },
  el("div", { class: "head" }, heading(`提供方：${provider.name}`), tag(PROVIDER_STATES[provider.state] ?? provider.state)),
  el("div", { class: "facts" }, el("span", {}, names.community(provider.community)), el("span", {}, short(provider.id))));

function show({ clients, needs, providers }, levels) {
  const counts = [[clients, "位服务对象"], [needs, "项需求"], [providers, "个提供方"]];
  const said = counts.filter(([found]) => found.length).map(([found, what]) => `${found.length} ${what}`);
  byId("found-said").textContent = said.length ? `找到 ${said.join("、")}` : "没有人登记过这个号码。";
  byId("found-list").replaceChildren(
    ...clients.map((client) => clientCard(client, { levels })), ...needs.map(needCard), ...providers.map(providerCard));
  byId("found-register").hidden = clients.length > 0;
  byId("found").hidden = false;
}

/** Let people look a number up; `onRegister(known)` opens the form for somebody new with it. */
export function lookUp({ levels, onRegister }) {
  byId("lookup").addEventListener("submit", (event) => {
    event.preventDefault();
    busy(event.submitter ?? phone, async () => {
      clear();
      if (!phone.value.trim()) {
        say("请填写");
        return phone.focus();
      }
      say("");
      try {
        show(await post("/api/lookups", { contact_phone: phone.value.trim() }, newKey()), levels);
      } catch (error) {
        if (!(error instanceof Mistake)) throw error;
        say(error.errors[0]?.message ?? error.message);
        phone.focus();
      }
    });
  });
  phone.addEventListener("input", () => say(""));
  byId("found-register").addEventListener("click", () => onRegister({ contact_phone: phone.value.trim() }));
  byId("found-clear").addEventListener("click", () => {
    clear();
    phone.value = "";
    phone.focus();
  });
}
