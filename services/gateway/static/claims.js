// The claim board: partners claim what special groups need, staff approve, and what was done counts.
import { get, post } from "./api.js";
import { claimCard, listingCard } from "./claim_cards.js";
import { claimForms } from "./claim_forms.js";
import { ranking } from "./claim_ranking.js";
import { Column } from "./column.js";
import { decide } from "./decide.js";
import { announce, busy, byId } from "./dom.js";
import { listen } from "./live.js";
import { categoryOptions, communityOptions, learnNames, names } from "./names.js";
import { isVerified, learnProviders, providersOf } from "./providers.js";
import { revealing } from "./reveal.js";

const { user: me, staff: isStaff, mayOpen: opens } = document.body.dataset;
const [staff, mayOpen] = [isStaff === "yes", opens === "yes"];
const A_MINUTE = 60_000;
const AFTERWARDS = 8 * 24 * 60 * A_MINUTE; // a week after the day on which it was done, for a question that comes later
const groups = Object.fromEntries([...byId("board-target_group").options].map(({ value, text }) => [value, text]));

const SERVICE = { contact_for_service: "联系服务" };
const isOver = (claim) => !["claimed", "approved"].includes(claim.state);

const board = new Column("board", {
  path: "/api/claim-board",
  card: (listing) => listingCard(listing, { groups, actions: onListing(listing) }),
  arrived: (items) => (items.length === 1 ? `新开放认领：${items[0].text}` : `新开放 ${items.length} 项`),
  arrange: (items) => items.toSorted((a, b) => b.urgency - a.urgency),
  fits: (listing) => listing.open && listing.quantity_left > 0,
});

const claims = (staff ? ["waiting", "ongoing", "ended"] : ["mine"]).map((name) => {
  const state = () => ({ waiting: "claimed", ongoing: "approved" }[name] ?? byId("ended-state").value);
  return new Column(name, {
    path: "/api/claims",
    query: staff ? { state: state() } : {},
    card: (claim) => claimCard(claim, names, { actions: onClaim(claim), steps: async () => (await get(`/api/claims/${claim.id}`)).steps }),
    arrived: (items) => (name === "waiting" ? `有 ${items.length} 项认领等待批准` : `新增 ${items.length} 项认领`),
    arrange: (items) => items.toSorted((a, b) => isOver(a) - isOver(b)),
    fits: staff ? (claim) => claim.state === state() : null,
  });
});

/** Return the buttons of a need on the board. */
function onListing(listing) {
  const stop = (button) => decide(button, `close ${listing.id}`, async (key) => {
    board.show(await post(`/api/claim-board/${listing.id}/close`, {}, key), {});
    announce(`已停止开放：${listing.text}`);
  });
  return [
    mayOpen && ["停止开放", stop],
    providersOf(me).some(isVerified) && [staff ? "代为认领" : "认领", () => forms.claim(listing), staff ? "quiet" : "primary"],
  ].filter(Boolean);
}

/** Return the buttons of a claim: what this user can do about it now. */
function onClaim(claim) {
  const [waits, live, mine] = [claim.state === "claimed", claim.state === "approved", claim.claimer === me];
  const fresh = claim.state === "fulfilled" && Date.now() - new Date(`${claim.ended_on}T00:00:00+08:00`) < AFTERWARDS;
  const approve = (button) => decide(button, `approve ${claim.id}`, async (key) => {
    told(await post(`/api/claims/${claim.id}/approve`, {}, key), "approve");
  });
  return [
    (live || (fresh && !staff)) && ["查看联系方式", () => look(`/api/needs/${claim.need_id}/reveals`, "联系方式", claim)],
    claim.has_note && ["查看备注", () => look(`/api/claims/${claim.id}/note-reveals`, "备注", claim)],
    staff && waits && ["不批准", () => forms.reject(claim)],
    staff && waits && ["批准", approve, "primary"],
    live && mine && ["报告进展", () => forms.progress(claim)],
    staff && live && ["转交", () => forms.handOver(claim)],
    (live || (waits && mine)) && [mine ? "放弃" : "收回", () => forms.release(claim)],
    live && ["登记完成", () => forms.fulfil(claim), "primary"],
  ].filter(Boolean);
}

const SAID = {
  claim: "已认领，等待社工站批准", approve: "已批准", reject: "已记为不批准", progress: "进展已报告",
  release: "认领已结束", "hand-over": "已转交", fulfil: "已登记完成",
};

/** Show a claim as it is now wherever it belongs, and what it took from the board or gave back. */
function told(claim, what, before) {
  for (const column of claims) {
    const fits = column.fits?.(claim) ?? true;
    if (column.items.has(claim.id) || fits) column.show(claim, { first: true, isNew: fits });
    if (what === "hand-over") column.renew(before.id);
  }
  announce(SAID[what]);
  changed(claim.need_id);
}

const reveal = revealing();

/** Show private data of a claim; a partner has one purpose. */
function look(path, title, { text }) {
  reveal({ path, title, about: `${text}${staff ? "" : "。只用于这次服务，请不要转告他人。"}`, ...(!staff && { purposes: SERVICE }) });
}

const forms = claimForms({
  me, groups, isListed: (id) => board.items.has(id), onClaim: told,
  onListing: (listing) => {
    board.show(listing, { first: true, isNew: true });
    announce(`已开放认领：${listing.text}`);
  },
  after: (about) => about && ([board, ...claims].find((column) => column.items.has(about.id)) ?? claims[0]).focus(about.id),
});

/** A need on the board may have more or less to claim. */
function changed(id) {
  if (staff && board.items.has(id)) board.renew(id);
  else if (invited) board.refresh();
}

/** The board and the ranking are for staff and for who has a verified provider; who has none is told what to do. */
async function invite() {
  const learned = await learnProviders();
  const before = invited;
  const own = providersOf(me);
  invited = staff || own.some(isVerified);
  for (const one of document.querySelectorAll("#board, #ranking, [href='#board'], [href='#ranking']")) one.hidden = !invited;
  if (byId("uninvited")) byId("uninvited").hidden = invited;
  const state = learned ? ["draft", "paused"].find((one) => own.some((provider) => provider.state === one)) ?? "none" : "unknown";
  for (const one of document.querySelectorAll("#uninvited [data-when]")) one.hidden = one.dataset.when !== state;
  if (!learned) inviteSoon();
  if (invited && !before) await Promise.all([board.load(), rank()]);
}

/** Many providers may change at once; and what could not be read is asked for again. */
function inviteSoon() {
  inviting ??= setTimeout(() => {
    inviting = null;
    invite();
  }, 2000);
}

/** What a form says is asked for, without what it leaves open. */
function filter(form, ask) {
  const run = () => ask(Object.fromEntries([...new FormData(byId(form))].filter(([, value]) => value)));
  byId(form).addEventListener("submit", (event) => {
    event.preventDefault();
    busy(event.submitter, run);
  });
  byId(form).addEventListener("reset", () => setTimeout(run)); // once the fields are empty
}

function askBoard(query) {
  const chosen = Object.keys(query).length;
  byId("board-chosen").textContent = chosen ? `（已选 ${chosen} 项）` : "";
  byId("board-empty").textContent = chosen ? "没有符合条件的需求。" : emptyBoard;
  return board.ask(query);
}

function onEvent({ type, subject, data }) {
  const [about] = type.split(".");
  if (about === "provider") return inviteSoon();
  if (about === "claim") claims.forEach((column) => (column.items.has(subject) ? column.renew(subject) : column.refresh()));
  if (type === "claim.fulfilled.v1" && invited) rank();
  if (about === "match" && !board.items.has(data.need_id)) return null;
  return changed(data.need_id);
}

const TYPES = [
  "need.opened_for_claim.v1", "need.closed_for_claim.v1", "claim.made.v1", "claim.approved.v1", "claim.rejected.v1",
  "claim.reminded.v1", "claim.released.v1", "claim.lapsed.v1", "claim.fulfilled.v1",
  "match.confirmed.v1", "match.cancelled.v1", // they take from what can be claimed, or give back
  "provider.registered.v1", "provider.changed.v1", "provider.withdrawn.v1",
  ...(staff ? [] : ["message.sent.v1"]), // which may be about a need that is new on the board
];

const emptyBoard = byId("board-empty").textContent;
const rank = ranking((provider) => !staff && providersOf(me).some(({ id }) => id === provider));
let invited = false;
let inviting = null;

await learnNames();
for (const form of document.querySelectorAll("select[name=community]")) form.append(...communityOptions());
byId("board-category").append(...categoryOptions({ groups: true }));
filter("board-filter", askBoard);
filter("ranking-filter", rank);
if (staff) byId("ended-state").addEventListener("change", (event) => claims[2].ask({ state: event.target.value }));
if (mayOpen) byId("open-form").addEventListener("click", () => forms.open());
await invite();
await Promise.all(claims.map((column) => column.load()));
listen(TYPES, onEvent, () => [...(invited ? [board] : []), ...claims].forEach((column) => column.refresh()));
if (!staff) { // A partner is not told by an event what others put on the board or claim of it.
  const look = () => invited && !document.hidden && board.refresh();
  document.addEventListener("visibilitychange", look);
  setInterval(look, A_MINUTE);
}
