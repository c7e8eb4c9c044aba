// 开始结对: whom, who comes, and by which plan.
import { Mistake, newKey, post, readWhole } from "./api.js";
import { today } from "./days.js";
import { announce, busy, byId, el } from "./dom.js";
import { Dialog } from "./form.js";
import { ROLES, groupName, person } from "./pairing_cards.js";
import { showPerson } from "./pairing_visits.js";
import { colleagues, me } from "./people.js";
import { PlanChoices } from "./pairing_plan.js";
import { communityOptions, option } from "./names.js";

const KINDS = { person: "个人", household: "家庭", organisation: "单位" };
const LEVELS = { low: "低需求", medium: "中等需求", high: "高需求", urgent: "紧急需求" };
let clients = new Map();

const chosen = () => clients.get(byId("begin-client_id").value);

/** Set the dialog up; `done(pairing)` is called with what began. Returns what opens it. */
export function beginDialog(done) {
  const plan = new PlanChoices("begin");
  const dialog = new Dialog(byId("begin"), {
    values: (data) => ({
      client_id: data.get("client_id"), kinds: data.getAll("kinds"), helpers: helpers(data.get("lead")),
      worker: data.get("worker") || null, goals: data.get("goals").trim() || null, plan: plan.values(),
      guardian_agreed: Boolean(chosen()?.minor) && data.get("guardian_agreed") === "yes",
    }),
    send: async (body, key) => {
      if (!body.kinds.length) throw new Mistake(422, { errors: [{ field: "kinds", message: "请至少选择一项" }] });
      const pairing = await post("/api/pairings", body, key);
      announce(`已开始结对：${person(pairing.client_id)}`);
      done(pairing);
    },
  });
  dialog.form.addEventListener("reset", () => {
    offer([], "");
    byId("begin-others").replaceChildren();
  });
  byId("begin-community").append(...communityOptions());
  byId("begin-find").addEventListener("click", (event) => busy(event.target, find));
  byId("begin-phone").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // Enter here means to look, not to send.
    byId("begin-find").click();
  });
  byId("begin-community").addEventListener("change", () => look(async () => {
    const community = byId("begin-community").value;
    if (community) offer(await readWhole("/api/clients", { community, active: "true" }), "这个社区");
  }));
  byId("begin-client_id").addEventListener("change", settle);
  byId("begin-who").addEventListener("click", () => showPerson({ client_id: chosen().id }));
  byId("begin-add").addEventListener("click", () => addHelper().querySelector("select").focus());
  return async (button) => {
    await busy(button, learnHelpers);
    dialog.open();
    byId("begin-worker").value = me;
    await plan.fill({ first_on: today() });
  };
}

/** Run a look-up; what speaks against it is said where its answer would be. */
async function look(action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    offer([], "");
    byId("begin-found").textContent = error.message;
  }
}

// The number goes in the body: an address is kept in logs.
const find = () => look(async () => {
  const phone = byId("begin-phone").value.trim();
  if (!phone) return void (byId("begin-found").textContent = "请先填写电话。");
  const found = await post("/api/lookups", { contact_phone: phone }, newKey());
  offer(found.clients.filter(({ active }) => active), "这个电话");
});

function offer(found, where) {
  clients = new Map(found.map((client) => [client.id, client]));
  byId("begin-client_id").replaceChildren(option("", "请选择"), ...found.map((client) => option(client.id, [
    person(client.id), KINDS[client.kind], groupName(client.target_group), client.birth_year && `${client.birth_year} 年生`,
    LEVELS[client.level],
  ].filter(Boolean).join(" · "))));
  byId("begin-found").textContent = !where ? "" : found.length ? `${where}登记有 ${found.length} 位服务对象。` : `${where}没有登记服务对象。`;
  if (found.length === 1) byId("begin-client_id").value = found[0].id;
  settle();
}

function settle() {
  byId("begin-who").hidden = !chosen();
  byId("begin-guardian").hidden = !chosen()?.minor;
  byId("begin-consent").textContent = chosen()?.guardian_consents ? "已登记过监护人同意书。" : "还没有登记过监护人同意书。";
}

let choices = [];

/** Offer verified providers and colleagues as helpers; both are read anew each time. */
async function learnHelpers() {
  const providers = await readWhole("/api/providers", { state: "verified" }).catch(() => []);
  choices = [
    ["提供方", providers.map(({ id, name }) => [`provider_id ${id}`, name])],
    ["本站同事", [...colleagues.values()].map(({ id, display_name: name }) => [`helper ${id}`, name])],
  ];
  byId("begin-lead").replaceChildren(...helperOptions("请选择"));
  byId("begin-worker").replaceChildren(...colleagueOptions());
}

export const colleagueOptions = () => [...colleagues.values()].map(({ id, display_name: name }) => option(id, name));

/** Helpers as choices of a select, once they were learned. */
function helperOptions(nobody) {
  return [option("", nobody), ...choices.filter(([, ones]) => ones.length)
    .map(([label, ones]) => el("optgroup", { label }, ...ones.map(([value, name]) => option(value, name))))];
}

export async function fillHelpers(select, nobody) {
  await learnHelpers();
  select.replaceChildren(...helperOptions(nobody));
}

/** What the value of such a choice says. */
export const helperOf = (value) => (value ? Object.fromEntries([value.split(" ")]) : null);

function addHelper() {
  const number = byId("begin-others").children.length + 2;
  const roles = Object.entries(ROLES).filter(([code]) => code !== "lead");
  const row = el("li", { class: "goods" },
    el("select", { "aria-label": `第 ${number} 位帮扶人` }, ...helperOptions("请选择")),
    el("select", { "aria-label": `第 ${number} 位的分工` }, ...roles.map(([code, name]) => option(code, name))),
    el("button", { type: "button", class: "quiet", "aria-label": `去掉第 ${number} 位`, onclick: () => {
      row.remove();
      byId("begin-add").focus();
    } }, "去掉"));
  byId("begin-others").append(row);
  return row;
}

function helpers(lead) {
  const others = [...byId("begin-others").children].map((row) => [...row.querySelectorAll("select")].map((one) => one.value));
  return [[lead, "lead"], ...others].filter(([who]) => who).map(([who, role]) => ({ ...helperOf(who), role }));
}
