// 结对: visits that are due, who keeps coming to whom, and what somebody has to look after.
import { Mistake, readWhole } from "./api.js";
import { Column } from "./column.js";
import { dayInWords, later, today } from "./days.js";
import { byId } from "./dom.js";
import { listen } from "./live.js";
import { communityOptions, learnNames, names } from "./names.js";
import { beginDialog } from "./pairing_begin.js";
import { alertCard, pairingCard, pastVisitCard, person, visitCard } from "./pairing_cards.js";
import { showFigures, staffDialogs } from "./pairing_staff.js";
import { showNote, showPerson, showWords, visitDialogs } from "./pairing_visits.js";
import { isStaff, learnColleagues, me } from "./people.js";
import { Whole } from "./whole.js";

const OVERDUE = 7, MISSED = 14, AHEAD = 35; // days around today from which visits are shown
const known = new Map(); // pairings by id, for what a visit does not say itself
const filter = { community: "", state: "active", mine: false };

function remembered(pairing) {
  known.set(pairing.id, pairing);
  return pairing;
}

const visitDay = (visit) => `${visit.planned_on} ${visit.planned_time} ${visit.id}`;
const byDay = (one, other) => (visitDay(one) < visitDay(other) ? -1 : 1);
const withCommunity = (query) => ({ ...query, ...(filter.community && { community: filter.community }) });

const visits = new Whole("visits", {
  path: "/api/pairing-visits",
  // What a helper did not record in time is missed; to record it late is better than never.
  queries: () => [
    { state: "planned", since: later(today(), -OVERDUE), until: later(today(), AHEAD) },
    ...(isStaff ? [] : [{ state: "missed", since: later(today(), -MISSED), until: today() }]),
  ].map(withCommunity),
  keep: ({ pairing_id: id }) => !filter.mine || known.get(id)?.worker === me,
  order: byDay,
  card: (visit) => visitCard(visit, known.get(visit.pairing_id), names, {
    onWho: showPerson, onReschedule: about.reschedule, onCancel: about.cancel,
    onRecord: () => about.record({ ...visit, kinds: known.get(visit.pairing_id)?.kinds, visit }),
  }),
  arrived: (items) => `新增 ${items.length} 次待探访`,
});

const pairings = new Column("pairings", {
  path: "/api/pairings",
  query: { state: "active" },
  card: (pairing) => pairingCard(remembered(pairing), names, {
    onWho: showPerson, onVisits: ({ id, client_id: client }) => openHistory(id, client), onWords: showWords,
    onRecord: () => about.record({ ...pairing, pairing_id: pairing.id, minutes: pairing.plan.visit_minutes }),
    onPlan: (one) => staff.replan(one), onTransfer: (one) => staff.transfer(one), onEnd: (one) => staff.end(one),
  }),
  arrived: (items) => `新增 ${items.length} 个结对`,
});

const alerts = isStaff && new Whole("alerts", {
  path: "/api/pairing-alerts",
  // A person who is worse comes before papers.
  order: (one, other) => (other.reason === "person_worse") - (one.reason === "person_worse"),
  queries: () => [withCommunity({ open: "true", ...(filter.mine && { worker: me }) })],
  card: (alert) => alertCard(alert, names, {
    onWho: showPerson, onVisits: ({ pairing_id: id, client_id: client }) => openHistory(id, client),
    onAcknowledge: (one) => staff.acknowledge(one),
  }),
  arrived: (items) => `新增 ${items.length} 条提醒`,
});

const about = visitDialogs(async (visit) => {
  if (byId("history").open) await history();
  await visits.load();
  await pairings.renew(visit.pairing_id);
  if (alerts) alerts.refresh();
  if (document.activeElement === document.body) byId("main").focus(); // The card that opened the dialog may be gone.
});

const staff = isStaff && staffDialogs({
  alert: async () => {
    await alerts.load();
    byId("alerts-list").querySelector("h3")?.focus();
  },
  pairing: (pairing) => {
    pairings.show(pairing, {});
    visits.refresh();
    alerts.refresh();
  },
});

let looked = null;
async function history() {
  const problem = byId("history-problem");
  try {
    const items = await readWhole("/api/pairing-visits", { pairing_id: looked.id });
    const day = (visit) => `${visit.on ?? visit.planned_on} ${visit.id}`;
    items.sort((one, other) => (day(one) > day(other) ? -1 : 1));
    const ahead = items.filter(({ state }) => state === "planned").toReversed();
    byId("history-ahead").textContent = ahead.length ? `已安排：${ahead.map((one) => dayInWords(one.planned_on)).join("、")}` : "没有安排将来的探访。";
    byId("history-list").replaceChildren(...items.filter(({ state }) => state !== "planned").map((visit) => pastVisitCard(visit, {
      onNote: showNote, onRecord: () => about.record({ ...visit, client_id: looked.client, visit }),
    })));
    byId("history-empty").hidden = items.length > ahead.length;
    problem.hidden = true;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    [problem.textContent, problem.hidden] = [error.message, false];
  }
}

function openHistory(id, client) {
  looked = { id, client };
  byId("history-title").textContent = `${person(client)} 的探访记录`;
  byId("history-list").replaceChildren();
  byId("history-ahead").textContent = "";
  byId("history-empty").hidden = byId("history-problem").hidden = true;
  byId("history").showModal();
  return history();
}
for (const button of byId("history").querySelectorAll("[data-close]")) button.addEventListener("click", () => byId("history").close());

/** What visits do not say themselves stands in their pairings. */
async function learnPairings() {
  const items = await readWhole("/api/pairings", { state: "active" }).catch(() => []);
  items.forEach(remembered);
}

async function load() {
  await learnPairings();
  await Promise.all([alerts, pairings, visits].filter(Boolean).map((column) => column.load()));
}

function setUpStaff() {
  byId("filter-community").append(...communityOptions());
  byId("filter").addEventListener("change", () => {
    Object.assign(filter, { community: byId("filter-community").value, state: byId("filter-state").value, mine: byId("filter-mine").checked });
    pairings.query = withCommunity({ ...(filter.state && { state: filter.state }), ...(filter.mine && { worker: me }) });
    pairings.clear();
    pairings.loaded = false;
    pairings.load();
    visits.load();
    alerts.load();
    if (byId("figures").open) showFigures(filter.community, names);
  });
  const begin = beginDialog((pairing) => {
    pairings.show(pairing, { first: true, isNew: true });
    visits.refresh();
  });
  byId("open-begin").addEventListener("click", (event) => begin(event.currentTarget));
  byId("figures").addEventListener("toggle", () => byId("figures").open && showFigures(filter.community, names));
}

// Events of pairings name the pairing; a partner hears of them by the messages that they are sent.
const TYPES = [
  "pairing.begun.v1", "pairing.changed.v1", "pairing.ended.v1", "pairing.alerted.v1", "visit.recorded.v1",
  "visit.rescheduled.v1", "visit.cancelled.v1", "visit.missed.v1", "message.sent.v1",
];

async function onEvent({ type, subject }) {
  if (type === "message.sent.v1" && isStaff) return;
  if (type === "pairing.alerted.v1") return alerts.refresh();
  if (pairings.items.has(subject)) pairings.renew(subject);
  else pairings.refresh();
  if (!known.has(subject)) await learnPairings();
  visits.refresh();
  if (alerts && type !== "visit.recorded.v1") alerts.refresh();
}

await Promise.all([learnNames(), learnColleagues()]);
if (isStaff) setUpStaff();
await load();
listen(TYPES, onEvent, () => [alerts, pairings, visits].filter(Boolean).forEach((column) => column.refresh()));
