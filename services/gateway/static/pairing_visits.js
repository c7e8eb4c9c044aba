// The dialogs about visits: what took place, another day, or not at all; and what is shown of a person and of notes.
import { Mistake, post } from "./api.js";
import { dayInWords, later, today } from "./days.js";
import { announce, byId, el } from "./dom.js";
import { Dialog } from "./form.js";
import { person } from "./pairing_cards.js";
import { isStaff } from "./people.js";
import { revealing } from "./reveal.js";

const reveal = revealing();
const WORDS_PURPOSES = {
  follow_up: "回访", next_visit: "准备下次探访", handover: "交接", assessment: "评估", supervision: "督导", complaint: "处理投诉",
};

/** Who somebody is: helpers need it to go there, staff to follow up. */
export function showPerson({ client_id: id }) {
  reveal({
    title: isStaff ? `${person(id)} 是谁` : `${person(id)} 的联系方式`,
    about: isStaff ? "" : "只为上门探访使用，请不要转告他人。",
    path: `/api/clients/${id}/reveals`,
    purposes: isStaff ? { follow_up: "回访", contact_for_service: "联系服务", assessment: "评估" } : { contact_for_service: "联系服务" },
    nothing: "没有登记联系方式，请问负责社工。",
  });
}

export function showNote(visit) {
  reveal({
    title: `${dayInWords(visit.on)} 的探访笔记`,
    path: `/api/pairing-visits/${visit.id}/reveals`, purposes: WORDS_PURPOSES, nothing: "没有笔记。",
  });
}

export function showWords(pairing) {
  reveal({
    title: `${person(pairing.client_id)}：目标与评估`,
    path: `/api/pairings/${pairing.id}/reveals`, purposes: WORDS_PURPOSES,
  });
}

/** Set the dialogs up; `done(visit)` is called with what a visit has become. */
export function visitDialogs(done) {
  const send = (path, said) => async (body, key, about) => {
    const visit = await post(path(about), body, key);
    announce(said);
    done(visit);
  };
  const record = new Dialog(byId("record"), {
    values: (data) => ({
      on: data.get("on"), kinds: data.getAll("kinds"), minutes: Number(data.get("minutes")), goods: goods(),
      ...Object.fromEntries(["mood", "health", "living"].map((name) => [name, Number(data.get(name)) || null])),
      note: data.get("note").trim() || null,
    }),
    send: async (body, key, { visit, pairing_id: id }) => {
      if (!body.kinds.length) throw new Mistake(422, { errors: [{ field: "kinds", message: "请至少选择一项" }] });
      await send(() => `/api/pairings/${id}/visits`, "已记录探访")({ visit_id: visit?.id ?? null, ...body }, key);
    },
  });
  record.form.addEventListener("reset", () => byId("record-rows").replaceChildren());
  byId("record-add").addEventListener("click", () => addGoods().querySelector("input").focus());

  const reschedule = new Dialog(byId("reschedule"), {
    values: (data) => ({ on: data.get("on"), at: data.get("at") || null }),
    send: send((visit) => `/api/pairing-visits/${visit.id}/reschedule`, "已改期"),
  });
  const cancel = new Dialog(byId("cancel"), {
    values: (data) => ({ reason: data.get("reason") }),
    send: send((visit) => `/api/pairing-visits/${visit.id}/cancel`, "已取消这次探访"),
  });

  return {
    /** With a visit that one; without, whatever was planned for the day, or one more. */
    record({ pairing_id: id, client_id: client, kinds = [], visit = null, minutes = 60 }) {
      record.open({ pairing_id: id, visit });
      byId("record-about").textContent = `${person(client)}${visit ? `，原定${dayInWords(visit.planned_on)} ${visit.planned_time}` : ""}`;
      byId("record-on").max = today();
      byId("record-on").value = visit && visit.planned_on <= today() ? visit.planned_on : today();
      byId("record-minutes").value = visit?.planned_minutes ?? minutes;
      for (const box of record.form.querySelectorAll("[name=kinds]")) box.checked = kinds.includes(box.value);
    },
    reschedule(visit) {
      reschedule.open(visit);
      byId("reschedule-about").textContent = `${person(visit.client_id)}，原定${dayInWords(visit.planned_on)} ${visit.planned_time}`;
      byId("reschedule-on").min = today();
      byId("reschedule-on").value = visit.planned_on < today() ? later(today(), 1) : visit.planned_on;
      byId("reschedule-at").value = visit.planned_time;
    },
    cancel(visit) {
      cancel.open(visit);
      byId("cancel-about").textContent = `${person(visit.client_id)}，${dayInWords(visit.planned_on)} ${visit.planned_time}`;
    },
  };
}

/** What was given: a row for each thing; rows without a name are not meant. */
const goods = () => [...byId("record-rows").children].map((row) => {
  const [name, quantity, unit] = [...row.querySelectorAll("input")].map((one) => one.value.trim());
  return { name, quantity: Number(quantity), unit };
}).filter(({ name }) => name);

function addGoods() {
  const number = byId("record-rows").children.length + 1;
  const row = el("li", { class: "goods" },
    el("input", { "aria-label": `第 ${number} 样物资`, maxlength: 40, placeholder: "例如：大米", autocomplete: "off" }),
    el("input", { "aria-label": `第 ${number} 样的数量`, type: "number", inputmode: "numeric", min: 1, value: 1 }),
    el("input", { "aria-label": `第 ${number} 样的单位`, maxlength: 10, value: "份" }),
    el("button", { type: "button", class: "quiet", "aria-label": `去掉第 ${number} 样`, onclick: () => {
      row.remove();
      byId("record-add").focus();
    } }, "去掉"));
  byId("record-rows").append(row);
  return row;
}
