// The form of an offer. Its fields follow the form that is chosen; of an offer that is there, only what is changed is sent.
import { Mistake, patch, post, readWhole } from "./api.js";
import { Reach, changed, refuse, tick, ticked } from "./choices.js";
import { announce, byId, el } from "./dom.js";
import { Dialog } from "./form.js";
import { categoryOptions, communityOptions, names, option, suggestCategories } from "./names.js";
import { beginRows, dates, daysOff, fillRows, halfFilled, setUpRows, slots } from "./rows.js";
import { beginOf, dayOf, endOf, lastDayOf } from "./times.js";

const ABOUT = {
  goods: "有多少是多少，发完为止，可以再入库。", goods_per_period: "每期都有同样多，到下一期重新算。",
  hours: "每周固定的时段，每个时段能服务一定数量。", room: "每周固定的时段可以借用。",
  posts: "指定的日期，每个日期有一定名额。", money: "有指定用途的资金，按元计。", unlimited: "要多少有多少，例如咨询、线上资料。",
};
const QUANTITY = { goods: "现有数量", goods_per_period: "每期数量", hours: "每个时段的数量", room: "每个时段的数量", money: "金额（元）" };
const UNIT = { goods: "件", goods_per_period: "份", hours: "次", room: "次", posts: "人", unlimited: "次" };
const TIMETABLE = ["hours", "room"];
const STOCK = ["goods", "money"];
const LISTS = { hours: ["slots", "dates", "days_off"], room: ["slots", "dates", "days_off"], posts: ["dates"] };
const ELSEWHERE = "elsewhere";

const field = (name) => byId(`offer-${name}`);
const form = () => field("form").value;

/** `partner` tells that somebody sees only providers of their own; `theirs` are communities that somebody is limited to. */
export function setUpOfferForm({ partner, theirs, onMade, onChanged }) {
  const reach = new Reach("offer");
  const mayChoose = (code) => !theirs.length || theirs.includes(code);
  let before = null; // what the form said when an offer that is there was opened

  function values(data) {
    const chosen = form();
    return {
      form: chosen,
      ...Object.fromEntries(["provider_id", "title", "community", "category", "transport", "conditions"].map((name) => [name, data.get(name).trim()])),
      unit: chosen === "money" ? "元" : data.get("unit").trim(),
      serves: reach.get(data.get("community")),
      target_groups: ticked("offer-target_groups"),
      starts_at: beginOf(data.get("starts_at")),
      ends_at: endOf(data.get("ends_at")),
      ...(chosen in QUANTITY && { quantity: Number(data.get("quantity")) }),
      ...(chosen === "goods_per_period" && { period: data.get("period") }),
      ...(chosen === "money" && { purpose: data.get("purpose").trim() }),
      ...(chosen === "goods" && { expires_on: data.get("expires_on") || null }),
      ...(chosen in LISTS && { dates: dates() }),
      ...(TIMETABLE.includes(chosen) && { slots: slots(), days_off: daysOff() }),
    };
  }

  const dialog = new Dialog(byId("offer-edit"), {
    values,
    send: async (body, key, offer) => {
      refuse([...halfFilled(LISTS[body.form] ?? []), ...reach.mistakes()]);
      if (offer?.id) {
        const changes = changed(body, before);
        if (Object.keys(changes).length) onChanged(await patch(`/api/offers/${offer.id}`, { ...changes, version: offer.version }));
        announce(`已保存：${body.title}`);
      } else {
        onMade(await post("/api/offers", body, key));
        announce(`已登记：${body.title}`);
      }
    },
  });

  function follow(isNew = true) {
    for (const part of dialog.form.querySelectorAll("[data-for]")) {
      part.hidden = !part.dataset.for.split(" ").includes(form()) || (!isNew && STOCK.includes(form()) && part.contains(field("quantity")));
      for (const input of part.querySelectorAll("[data-must]")) input.required = !part.hidden;
    }
    byId("offer-form-hint").textContent = ABOUT[form()];
    dialog.form.querySelector("label[for=offer-quantity]").textContent = QUANTITY[form()] ?? "";
    if (!isNew) return;
    if (!field("unit").value || Object.values(UNIT).includes(field("unit").value)) field("unit").value = UNIT[form()] ?? "";
    if (TIMETABLE.includes(form())) beginRows("slots");
    if (form() === "posts") beginRows("dates");
  }

  /** Offer whom somebody may offer for: a partner's own, or those of the community and, when asked for, of the others. */
  async function providers(chosen = null) {
    const community = field("community").value;
    const select = field("provider_id");
    const all = partner || select.value === ELSEWHERE || (chosen && chosen.community !== community);
    const note = (text) => { byId("offer-provider_id-hint").textContent = text; };
    if (!all && !community) {
      select.replaceChildren(option("", "请先选社区"));
      return note("");
    }
    const asked = (providers.asked = {});
    try {
      const found = await everyProvider(all ? {} : { community });
      if (asked !== providers.asked) return;
      select.replaceChildren(option("", "请选择"), ...found.map(({ id, name, state, community: home }) =>
        option(id, name + (state === "draft" ? "（待核实）" : "") + (all && home !== community ? ` · ${names.community(home)}` : ""))));
      if (!all && theirs.length !== 1) select.append(option(ELSEWHERE, "其他社区的提供方…"));
      if (chosen) select.value = chosen.id;
      else if (found.length === 1 && partner) select.value = found[0].id;
      note(found.length ? "" : partner ? "您还没有登记提供方，请先登记一个。" : "这个社区还没有提供方，可以选其他社区的，或者先登记一个。");
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      note(error.message);
    }
  }

  setUpRows();
  field("community").append(...communityOptions().filter(({ value }) => mayChoose(value)));
  field("category").append(...categoryOptions());
  field("form").addEventListener("change", () => follow());
  field("community").addEventListener("change", () => partner || providers());
  field("provider_id").addEventListener("change", ({ target }) => target.value === ELSEWHERE && providers());
  field("title").addEventListener("change", ({ target }) => suggestCategories("offer", target.value));

  function open(offer) {
    const isNew = !offer?.id;
    byId("offer-edit-title").textContent = isNew ? "登记资源" : "更改资源";
    byId("offer-do").textContent = isNew ? "登记" : "保存";
    byId("offer-suggestions").replaceChildren();
    dialog.open(offer);
    for (const part of dialog.form.querySelectorAll("[data-new]")) part.hidden = !isNew;
    field("provider_id").required = isNew;
    fillRows(offer);
  }

  return {
    /** Register an offer, of a provider where one is given. */
    async openNew(provider = null) {
      open(null);
      if (theirs.length === 1) field("community").value = theirs[0];
      if (provider && mayChoose(provider.community)) field("community").value = provider.community;
      follow();
      field("provider_id").replaceChildren();
      await providers(provider);
    },
    openChange(offer) {
      open(offer);
      field("provider_id").replaceChildren(el("option", { value: offer.provider_id, selected: "" }));
      for (const name of ["form", "title", "community", "category", "quantity", "unit", "transport", "conditions", "purpose"]) field(name).value = offer[name];
      field("period").value = offer.period || "month";
      field("expires_on").value = offer.expires_on ?? "";
      field("starts_at").value = offer.starts_at ? dayOf(offer.starts_at) : "";
      field("ends_at").value = offer.ends_at ? lastDayOf(offer.ends_at) : "";
      reach.set(offer.serves, offer.community);
      tick("offer-target_groups", offer.target_groups);
      follow(false);
      before = values(new FormData(dialog.form));
      field("title").focus();
    },
  };
}

/** Read all providers that may offer something. */
async function everyProvider(query) {
  const found = await readWhole("/api/providers", query);
  return found.filter(({ state }) => state !== "left").sort((a, b) => a.name.localeCompare(b.name, "zh-CN"));
}
