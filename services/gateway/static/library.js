// The resource library: what people search for, what is offered, and who provides it; live.
import { get, post } from "./api.js";
import { needCard } from "./cards.js";
import { texts } from "./choices.js";
import { Column } from "./column.js";
import { decide } from "./decide.js";
import { announce, byId, el } from "./dom.js";
import { Found } from "./found.js";
import { listen } from "./live.js";
import { categoryOptions, communityOptions, learnNames, names } from "./names.js";
import { offerCard } from "./offer_card.js";
import { setUpOfferForm } from "./offer_form.js";
import { providerCard } from "./provider_card.js";
import { setUpPause, setUpProviderForm } from "./provider_form.js";
import { Providers } from "./provider_list.js";
import { revealing } from "./reveal.js";
import { setUpStock, setUpWithdrawal } from "./stock.js";

const staff = document.body.dataset.staff === "yes";
const reveal = staff && revealing();
const theirs = document.body.dataset.communities.split(" ").filter(Boolean); // empty for all
const isTheirs = ({ community }) => !theirs.length || theirs.includes(community);
const forms = texts("search-form");
const kinds = texts("providers-kind");
const groups = Object.fromEntries([...document.querySelectorAll("#offer-target_groups label")]
  .map((label) => [label.querySelector("input").value, label.textContent.trim()]));

const called = new Map(); // providers' names, by id
let only = null; // the provider whose offers alone are listed

await learnNames();

const offers = new Column("offers", {
  path: "/api/offers",
  card: showOffer,
  arrived: (items) => (items.length === 1 ? `新资源：${items[0].title}` : `新增 ${items.length} 项资源`),
});
const providers = new Providers("providers", {
  path: "/api/providers",
  card: showProvider,
  arrived: (items) => (items.length === 1 ? `新提供方：${items[0].name}` : `新增 ${items.length} 个提供方`),
});
const found = new Found("found", {
  cards: { offer: showOffer, provider: showProvider, need: (need) => needCard(need, names) }, forms,
});
const columns = { offer: offers, provider: providers };

const isLost = (focused) => !focused?.offsetParent; // on the page itself, or in a dialog that is closed

/** Show what became of something, wherever it is shown. */
function show(kind, thing) {
  if (columns[kind].items.has(thing.id)) columns[kind].show(thing, {});
  found.become(kind, thing);
  if (kind === "provider") offers.refresh(); // What they offer rests, goes on and leaves with them.
  // A dialog gives the focus back to the button that opened it, which is gone with its card.
  setTimeout(() => isLost(document.activeElement) && (byId("results").hidden ? columns[kind] : found).focus(thing.id));
}

/** Show something new, first in its list. */
function add(kind, thing) {
  byId("search-text").value = "";
  showLists();
  byId(`${kind}s`).hidden = false;
  columns[kind].show(thing, { first: true, isNew: true });
}

const decided = (kind) => (thing) => show(kind, thing);
const offerForm = setUpOfferForm({
  partner: !staff, theirs, onMade: (offer) => add("offer", offer), onChanged: decided("offer"),
});
const providerForm = setUpProviderForm({
  theirs, onMade: (provider) => add("provider", provider), onChanged: decided("provider"),
});
const withdraw = setUpWithdrawal();

function act(provider, button, what, body, done) {
  // With the version: what was decided of an older one may be decided again.
  return decide(button, `${what} ${provider.id} ${provider.version}`, async (key) => {
    show("provider", await post(`/api/providers/${provider.id}/${what}`, body, key));
    announce(`${done}：${provider.name}`);
  });
}

const offerActs = {
  onChange: offerForm.openChange,
  onStock: setUpStock(decided("offer")),
  onWithdraw: (offer) => withdraw("offers", offer, decided("offer")),
};
const providerActs = {
  onOffer: offerForm.openNew,
  onChange: providerForm.openChange,
  onPause: setUpPause(decided("provider")),
  onOffers: (provider) => onlyOf(provider),
  onLeave: (provider) => withdraw("providers", provider, decided("provider")),
  ...(staff && {
    onVerify: (provider, button) => act(provider, button, "verify", { version: provider.version }, "已核实"),
    onResume: (provider, button) => act(provider, button, "resume", {}, "已恢复"),
    onReveal: (provider) => reveal({ path: `/api/providers/${provider.id}/reveals`, title: "联系方式", about: provider.name }),
  }),
};

function showOffer(offer) {
  return offerCard(offer, { forms, groups, provider: nameOf(offer), ...(isTheirs(offer) && offerActs) });
}

function showProvider(provider) {
  called.set(provider.id, Promise.resolve(provider.name));
  return providerCard(provider, { kinds, ...(isTheirs(provider) && providerActs) });
}

/** An offer's provider by name, asked for once; who is limited to communities is not told those of others. */
function nameOf({ provider_id: id, community }) {
  if (!called.has(id) && !isTheirs({ community })) return el("span", {}, `${names.community(community)}的提供方`);
  const place = el("span", {}, "…");
  if (!called.has(id)) called.set(id, get(`/api/providers/${id}`).then(({ name }) => name));
  called.get(id).then((name) => { place.textContent = name; }, () => {
    called.delete(id);
    place.textContent = "提供方名称没有读到";
  });
  return place;
}

const filled = (query) => Object.fromEntries(Object.entries(query).filter(([, value]) => value));

function showLists(shown = true) {
  [byId("lists").hidden, byId("results").hidden] = [!shown, shown];
}

/** Search for what is typed; where nothing is, list what is newest. */
function ask() {
  const { text, kind, community, category, form } = Object.fromEntries(new FormData(byId("search")));
  const searching = text.trim() !== "";
  showLists(!searching);
  if (searching) {
    return found.ask(filled({ text: text.trim(), kind, community, category, form }))
      .then(() => announce(byId("found-empty").hidden ? `找到 ${byId("found-count").textContent} 条` : byId("found-empty").textContent));
  }
  [byId("offers").hidden, byId("providers").hidden] = [kind === "provider", kind === "offer"];
  return Promise.all([askOffers(), askProviders()]);
}

/** List the offers of one provider, or of all. */
function onlyOf(provider) {
  only = provider;
  showLists();
  byId("offers").hidden = false;
  byId("offers-all").hidden = !only;
  if (only) byId("offers-all").textContent = `只看${only.name}的资源，改看所有`;
  byId("offers-title").focus();
  return askOffers();
}

function askOffers() {
  const { community, category, form } = Object.fromEntries(new FormData(byId("search")));
  return offers.ask(filled({ community, category, form, state: byId("offers-state").value, provider_id: only?.id }));
}

function askProviders() {
  const state = byId("providers-state").value;
  const which = state === "due" ? { due: true } : { state };
  return providers.ask(filled({ community: byId("search-community").value, kind: byId("providers-kind").value, ...which }));
}

function back() {
  byId("search-text").value = "";
  byId("search-text").focus();
  return ask();
}

byId("search-community").append(...communityOptions());
byId("search-category").append(...categoryOptions({ groups: true }));
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
byId("search").addEventListener("change", ({ target }) => target.tagName === "SELECT" && ask());
byId("search-text").addEventListener("search", ({ target }) => target.value || byId("results").hidden || ask());
byId("offers-state").addEventListener("change", askOffers);
for (const name of ["state", "kind"]) byId(`providers-${name}`).addEventListener("change", askProviders);
byId("offers-all").addEventListener("click", () => onlyOf(null));
byId("back").addEventListener("click", back);
byId("open-offer").addEventListener("click", () => offerForm.openNew());
byId("open-provider").addEventListener("click", () => providerForm.openNew());

function onEvent({ type, subject }) {
  const kind = type.split(".")[0];
  found.renew(subject);
  if (columns[kind].items.has(subject)) columns[kind].renew(subject);
  else columns[kind].refresh();
  // Nobody is told of what a provider offers before they are verified, nor a partner of what a pause takes off.
  if (kind === "provider") offers.refresh();
}

const TYPES = [
  "offer.published.v1", "offer.changed.v1", "offer.withdrawn.v1", "offer.used_up.v1", "provider.registered.v1",
  "provider.changed.v1", "provider.withdrawn.v1", "provider.verification_due.v1",
];

await providers.load(); // first, so that their names are known
await offers.load();
listen(TYPES, onEvent, () => Object.values(columns).forEach((column) => column.refresh()));
