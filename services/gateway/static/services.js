// What became of confirmed matches: when it takes place, what was delivered, how it was for both sides.
import { post } from "./api.js";
import { serviceCard } from "./cards.js";
import { Column } from "./column.js";
import { announce, byId } from "./dom.js";
import { Dialog, inStationTime } from "./form.js";
import { listen } from "./live.js";
import { learnNames, names } from "./names.js";
import { revealing } from "./reveal.js";

const mayDecide = document.body.dataset.mayDecide === "yes";
const about = (match) => `${match.need_title} — ${match.offer_title}，${match.quantity} ${match.unit}`;
const number = (value) => (value === "" ? null : Number(value));
const words = (value) => value.trim() || null;

/** A dialog about one match; `does` is the end of the call's path, `said` what is said afterwards. */
function dialog(id, does, values, said) {
  const made = byId(id) && new Dialog(byId(id), {
    values,
    send: async (body, key, match) => {
      place(await post(`/api/matches/${match.id}/${does}`, body, key));
      announce(`${said}：${match.need_title}`);
    },
    after: (match) => [going, done].forEach((column) => column.focus(match.id)),
  });
  return (match, fill = {}) => {
    byId(`${id}-about`).textContent = about(match);
    made.open(match);
    for (const [name, value] of Object.entries(fill)) made.form.elements[name].value = value;
  };
}

const schedule = dialog("schedule", "schedule", (data) => ({
  starts_at: inStationTime(data.get("starts_at")), ends_at: inStationTime(data.get("ends_at")),
}), "已约定");
const deliver = dialog("deliver", "deliver", (data) => ({
  quantity: Number(data.get("quantity")),
  delivered_on: data.get("delivered_on"),
  minutes: number(data.get("minutes")) ?? 0,
  people: number(data.get("people")) ?? 0,
  person_times: number(data.get("person_times")),
  note: words(data.get("note")),
}), "已登记完成");
const cancel = dialog("cancel", "cancel", (data) => ({ reason: data.get("reason"), note: words(data.get("note")) }), "已取消");
const rate = dialog("rate", "rate", (data) => ({
  side: data.get("side") ?? "provider", stars: Number(data.get("stars")), comment: words(data.get("comment")),
}), "已登记评价");
const reveal = mayDecide && revealing();
const NOTE_PURPOSES = { follow_up: "回访", evaluation: "评估成效", complaint: "处理投诉", correction: "更正记录" };

const DAY = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });
const TIME = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" });
const forField = (moment) => (moment ? TIME.format(new Date(moment)).replace(" ", "T") : "");

const can = {
  onSchedule: (match) => schedule(match, { starts_at: forField(match.starts_at), ends_at: forField(match.ends_at) }),
  onDeliver: (match) => deliver(match, { quantity: match.quantity, delivered_on: DAY.format(new Date()) }),
  onCancel: (match) => cancel(match),
  onRate: (match) => rate(match),
  onReveal: (match) => reveal({
    path: `/api/matches/${match.id}/reveals`, title: "服务记录", about: about(match), purposes: NOTE_PURPOSES,
  }),
  onReach: (kind, id, title) => reveal({ path: `/api/${kind}/${id}/reveals`, title: "联系方式", about: title }),
};
const card = (match) => serviceCard(match, names, { mayDecide, ...can });
const soonest = (items) => items.toSorted((a, b) => (a.starts_at ?? "9").localeCompare(b.starts_at ?? "9"));
const GOING = ["confirmed", "scheduled"];

const going = new Column("going", {
  path: "/api/matches",
  query: { states: GOING.join() },
  card,
  fits: (match) => GOING.includes(match.state),
  arrived: (items) => `新增 ${items.length} 项服务`,
  arrange: soonest,
});
const done = new Column("done", {
  path: "/api/matches",
  query: { states: "delivered,cancelled" },
  card,
  arrived: (items) => `${items.length} 项服务结束了`,
});

/** Show a match where it belongs by now. */
function place(match) {
  if (GOING.includes(match.state) || going.items.has(match.id)) going.show(match, { first: true });
  if (!GOING.includes(match.state)) done.show(match, { first: true, isNew: true });
}

function onEvent({ type, subject }) {
  if (going.items.has(subject)) going.renew(subject);
  else if (type !== "match.rated.v1") going.refresh();
  if (done.items.has(subject)) done.renew(subject);
  else if (/delivered|cancelled/.test(type)) done.refresh();
}

const TYPES = ["confirmed", "scheduled", "delivered", "cancelled", "rated"].map((what) => `match.${what}.v1`);

await learnNames();
await Promise.all([going.load(), done.load()]);
listen(TYPES, onEvent, () => [going, done].forEach((column) => column.refresh()));
