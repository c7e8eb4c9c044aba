// What comes into a stock and goes out of it, and how an offer or a provider is taken off.
import { get, post } from "./api.js";
import { announce, byId, el, when } from "./dom.js";
import { Dialog } from "./form.js";

const KINDS = {
  received: "入库", given: "给出", returned: "退回", corrected: "更正", written_off: "报损", expired: "过期",
};
const MOST = 10;

/** Book a movement of an offer's stock; its last ones are shown beside. */
export function setUpStock(onBooked) {
  const what = byId("stock-what");
  const path = (offer, way) => `/api/offers/${offer.id}/${way}`;
  const dialog = new Dialog(byId("stock"), {
    values: (data) => ({
      what: data.get("what"),
      ...(data.get("what") === "correct" ? { found: Number(data.get("found")) } : { quantity: Number(data.get("quantity")) }),
      note: data.get("note").trim(),
    }),
    send: async ({ what: way, ...body }, key, offer) => {
      const booked = ["received", "returned"].includes(way)
        ? await post(path(offer, "receive"), { ...body, kind: way }, key) : await post(path(offer, way), body, key);
      onBooked(booked);
      announce(`已登记，${offer.title}还有 ${booked.on_hand} ${booked.unit}`);
    },
  });
  const follow = () => {
    for (const [name, shown] of [["found", what.value === "correct"], ["quantity", what.value !== "correct"]]) {
      const field = byId(`stock-${name}`);
      [field.required, field.closest(".field").hidden] = [shown, !shown];
    }
  };
  what.addEventListener("change", follow);

  async function movements(offer) {
    const { items } = await get(`${path(offer, "movements")}?limit=${MOST}`);
    byId("stock-movements").replaceChildren(...items.map(({ kind, quantity, note, moved_at }) => el("li", {},
      el("span", { class: quantity < 0 ? "points against" : "points" }, `${quantity > 0 ? "+" : ""}${quantity}`),
      el("span", {}, KINDS[kind] ?? kind, " · ", when(moved_at), note ? ` · ${note}` : ""))));
  }

  return (offer) => {
    byId("stock-about").textContent = `${offer.title}，账上还有 ${offer.on_hand} ${offer.unit}`;
    byId("stock-movements").replaceChildren();
    dialog.open(offer);
    follow();
    return movements(offer).catch(() => {}); // The form works without them.
  };
}

const OFF = {
  offers: ["撤下这项资源？", "撤下", "撤下以后不再推荐给居民，也不能恢复；已经确认、还没有开始的匹配会取消。"],
  providers: ["这个提供方离开？", "离开", "它的资源会一同撤下，不能恢复；已经确认、还没有开始的匹配会取消。"],
};

/** Ask why an offer is withdrawn or a provider leaves; `onGone(thing)` shows what it became. */
export function setUpWithdrawal() {
  const dialog = new Dialog(byId("withdraw"), {
    values: (data) => ({ reason: data.get("reason") }),
    send: async (body, key, { path, said, onGone }) => {
      onGone(await post(path, body, key));
      announce(said);
    },
  });
  return (things, thing, onGone) => {
    const [title, done, effect] = OFF[things];
    const name = thing.title ?? thing.name;
    for (const [part, text] of Object.entries({ title, about: name, effect, do: done })) byId(`withdraw-${part}`).textContent = text;
    dialog.open({ path: `/api/${things}/${thing.id}/withdraw`, said: `已${done}：${name}`, onGone });
  };
}
