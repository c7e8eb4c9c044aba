// The dialogs of the claim board: what is asked before something is done.
import { post } from "./api.js";
import { byId } from "./dom.js";
import { Dialog } from "./form.js";
import { all, names, option } from "./names.js";
import { KINDS, isVerified, providerName, providersOf } from "./providers.js";

const text = (data, name) => data.get(name).trim();
const number = (data, name) => (data.get(name) ? Number(data.get(name)) : null);
const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" }).format(new Date());

// What is done about a claim, by the name of its dialog, which is that of its path.
const DONE = {
  reject: (data) => ({ reason: text(data, "reason") }),
  progress: (data) => ({ progress: data.get("progress") }),
  release: (data) => ({ reason: data.get("reason") }),
  "hand-over": (data) => ({ provider_id: data.get("provider_id"), reason: text(data, "reason") }),
  fulfil: (data) => ({
    quantity: number(data, "quantity"), delivered_on: data.get("delivered_on") || null,
    minutes: number(data, "minutes") ?? 0, people: number(data, "people") ?? 0, person_times: number(data, "person_times"),
    note: text(data, "note") || null,
  }),
};

/** Return what opens each dialog; `onListing`, `onClaim` are told the answers, `after` what was asked about. */
export function claimForms({ me, groups, isListed, onListing, onClaim, after }) {
  const made = {};

  function form(name, values, send) {
    if (byId(name)) made[name] = new Dialog(byId(name), { values, send, after });
  }

  function open(name, about, words) {
    [byId(`${name}-about`).textContent, byId(`${name}-about`).hidden] = [words, !words];
    made[name].open(about);
  }

  for (const [name, values] of Object.entries(DONE)) {
    form(name, values, async (body, key, claim) => onClaim(await post(`/api/claims/${claim.id}/${name}`, body, key), name, claim));
  }
  form("claim", (data) => ({ provider_id: data.get("provider_id"), quantity: number(data, "quantity") }),
    async (body, key, listing) => onClaim(await post(`/api/claim-board/${listing.id}/claims`, body, key), "claim", listing));
  form("open", (data) => ({ need: data.get("need"), text: text(data, "text"), quantity: number(data, "quantity") }),
    async ({ need, ...body }, key) => onListing(await post(`/api/claim-board/${need}/open`, body, key), "open"));

  const about = (claim) => `${claim.text}（${providerName(claim.provider_id)}，${claim.quantity} ${claim.unit}）`;
  const asks = (name) => (claim) => open(name, claim, about(claim));
  const offers = made.open && openOffers(groups, isListed);

  return {
    reject: asks("reject"), progress: asks("progress"), release: asks("release"),
    fulfil(claim) {
      asks("fulfil")(claim);
      [byId("fulfil-quantity").value, byId("fulfil-quantity").max] = [claim.quantity, claim.quantity];
      [byId("fulfil-delivered_on").value, byId("fulfil-delivered_on").max] = [today(), today()];
      byId("fulfil-unit").textContent = `单位：${claim.unit}。没有做完的部分会回到认领板。`;
    },
    handOver(claim) {
      asks("hand-over")(claim);
      choose("hand-over-provider_id", providersOf().filter((one) => isVerified(one) && one.id !== claim.provider_id));
    },
    claim(listing) {
      open("claim", listing, listing.text);
      choose("claim-provider_id", providersOf(me).filter(isVerified));
      [byId("claim-quantity").max, byId("claim-quantity").placeholder] = [listing.quantity_left, listing.quantity_left];
      byId("claim-quantity-hint").textContent = `不填就是全部，还有 ${listing.quantity_left} ${listing.unit}`;
    },
    open() {
      open("open", null, "");
      return offers();
    },
  };
}

/** Offer providers to choose from; a single one is chosen already. */
function choose(id, providers) {
  byId(id).replaceChildren(...(providers.length === 1 ? [] : [option("", "请选择")]),
    ...providers.map((one) => option(one.id, `${one.name}（${KINDS[one.kind]}）`)));
}

const left = (need) => `${need.quantity - need.met} ${need.unit}`;

/** Offer needs of special groups that could be put on the board, the most urgent first, with their words to begin with. */
function openOffers(groups, isListed) {
  const [select, words, community] = ["need", "text", "community"].map((name) => byId(`open-${name}`));
  let needs = new Map();
  let begun = "";

  async function offer() {
    const found = new Map();
    const where = community.value;
    select.replaceChildren(option("", "正在读取…"));
    byId("open-quantity-hint").textContent = "不填就是全部";
    const read = ["open", "partly_met"].map((state) => all("/api/needs", found, {
      key: "id", query: { state, ...(where && { community: where }) },
    }));
    const complete = (await Promise.allSettled(read)).every(({ status }) => status === "fulfilled");
    if (where !== community.value) return; // Another one was chosen meanwhile.
    needs = found;
    const special = [...needs.values()].filter((need) => need.target_group !== "general" && !isListed(need.id))
      .sort((a, b) => b.urgency - a.urgency);
    const first = !complete ? "没有读全，请关上再试" : special.length ? "请选择" : "没有可以开放的需求";
    select.replaceChildren(option("", first), ...special.map((need) => option(need.id, `${need.title}（${
      [names.community(need.community), groups[need.target_group], `还差 ${left(need)}`].join("，")}）`)));
  }

  select.addEventListener("change", () => {
    const need = needs.get(select.value);
    if (need && (!words.value.trim() || words.value === begun)) words.value = begun = need.title;
    byId("open-quantity-hint").textContent = need ? `不填就是全部，还差 ${left(need)}` : "不填就是全部";
  });
  community.addEventListener("change", offer);
  return offer;
}
