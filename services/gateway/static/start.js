// The start page: needs, suggestions and messages as they come.
import { post } from "./api.js";
import { bestFirst, matchCard, messageCard, needCard } from "./cards.js";
import { Column } from "./column.js";
import { decide } from "./decide.js";
import { announce, byId } from "./dom.js";
import { Dialog, inStationTime } from "./form.js";
import { listen } from "./live.js";
import { categoryOptions, communityOptions, learnNames, names, suggestCategories } from "./names.js";

const mayDecide = document.body.dataset.mayDecide === "yes";
const KINDS = {
  needs: {
    path: "/api/needs",
    card: (need) => needCard(need, names),
    arrived: (items) => (items.length === 1 ? `新需求：${items[0].title}` : `新增 ${items.length} 条需求`),
  },
  matches: {
    path: "/api/matches",
    query: { state: "proposed" },
    card: (match) => matchCard(match, names, { mayDecide, onConfirm: confirm, onConfirmPart: askHowMuch, onDecline: askWhy }),
    arrived: (items) => `新增 ${items.length} 条匹配建议`,
    arrange: bestFirst,
  },
  messages: {
    path: "/api/messages",
    card: (message) => messageCard(message, { onRead: read }),
    arrived: (items) => `新消息：${items[0].title}`,
  },
};
// Only the columns that the page has: not everybody is shown all of them.
const columns = Object.fromEntries(
  Object.entries(KINDS).filter(([name]) => byId(name)).map(([name, kind]) => [name, new Column(name, kind)]));
const { needs, matches, messages } = columns;

const decline = mayDecide && new Dialog(byId("decline"), {
  values: (data) => ({ reason: data.get("reason").trim() }),
  send: async (body, key, match) => {
    matches.show(await post(`/api/matches/${match.id}/decline`, body, key), {});
    announce("已记为不合适");
  },
  after: (match) => matches.focus(match.id), // The button that opened the dialog is gone.
});

const part = mayDecide && new Dialog(byId("part"), {
  values: (data) => ({
    quantity: Number(data.get("quantity")), ...(data.has("as_planned") && { occasion: part.about.recommended.occasion }),
  }),
  send: async (body, key, match) => {
    const confirmed = await post(`/api/matches/${match.id}/confirm`, body, key);
    matches.show(confirmed, {});
    announce(`已确认 ${confirmed.quantity} ${confirmed.unit}：${match.need_title}`);
  },
  after: (match) => matches.focus(match.id),
});

function askHowMuch(match) {
  const { recommended } = match;
  const other = Boolean(recommended) && recommended.occasion !== match.occasion;
  byId("part-about").textContent = `${match.need_title} — ${match.offer_title}`;
  byId("part-hint").textContent = `建议 ${match.quantity} ${match.unit}${recommended ? `；${recommended.why}` : ""}`;
  part.open(match);
  byId("part-quantity").value = recommended?.quantity ?? match.quantity;
  [byId("part-as_planned").checked, byId("part-planned").hidden] = [other, !other];
}

function askWhy(match) {
  byId("decline-about").textContent = `${match.need_title} — ${match.offer_title}`;
  decline.open(match);
}

function confirm(match, button) {
  return decide(button, `confirm ${match.id}`, async (key) => {
    matches.show(await post(`/api/matches/${match.id}/confirm`, {}, key), {});
    announce(`已确认：${match.need_title}`);
  });
}

function read(message, button) {
  return decide(button, `read ${message.id}`, async (key) => {
    messages.show(await post(`/api/messages/${message.id}/read`, {}, key), {});
  });
}

const PRIVATE = ["contact_name", "contact_phone", "contact_address", "birth_date", "guardian_name", "guardian_phone", "details"];

function setUpForm() {
  if (!byId("need-form")) return;
  const form = new Dialog(byId("need-form"), {
    values: (data) => ({
      ...Object.fromEntries(["title", "community", "category", "unit", "target_group", "source"].map((name) => [name, data.get(name).trim()])),
      ...Object.fromEntries(PRIVATE.map((name) => [name, data.get(name).trim() || null])),
      quantity: Number(data.get("quantity")),
      urgency: Number(data.get("urgency")),
      starts_at: inStationTime(data.get("starts_at")),
      ends_at: inStationTime(data.get("ends_at")),
    }),
    send: async (body, key) => {
      const need = await post("/api/needs", body, key);
      needs.show(need, { first: true, isNew: true });
      announce(`已登记：${need.title}`);
    },
  });
  byId("open-form").addEventListener("click", () => form.open());
  byId("need-title").addEventListener("change", (event) => suggestCategories("need", event.target.value));
  form.form.addEventListener("reset", () => byId("need-suggestions").replaceChildren());
  byId("need-community").append(...communityOptions());
  byId("need-category").append(...categoryOptions());
}

function onEvent({ type, subject }) {
  const column = { need: needs, match: matches, board: matches, message: messages }[type.split(".")[0]];
  if (!column) return;
  if (column.items.has(subject)) column.renew(subject);
  else column.refresh();
}

const TYPES = [
  "need.created.v1", "need.changed.v1", "need.withdrawn.v1",
  "match.proposed.v1", "match.confirmed.v1", "match.declined.v1", "match.lapsed.v1", "match.scheduled.v1",
  "match.delivered.v1", "match.cancelled.v1", "board.planned.v1", "message.sent.v1",
];

await learnNames();
setUpForm();
await Promise.all(Object.values(columns).map((column) => column.load()));
listen(TYPES, onEvent, () => Object.values(columns).forEach((column) => column.refresh()));
