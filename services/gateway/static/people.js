// What colleagues and helpers are called: records name them by their ids.
import { Mistake, get, readWhole } from "./api.js";
import { el } from "./dom.js";

const { user: me, staff } = document.body.dataset;
const providers = new Map();
export const colleagues = new Map();
export { me };
export const isStaff = staff === "yes";

export async function learnColleagues() {
  if (!isStaff) return;
  for (const one of await readWhole("/api/staff").catch(() => [])) colleagues.set(one.id, one);
}

export const colleague = (id) => colleagues.get(id)?.display_name ?? "已不在册的同事";

/** Helpers with what they do, as text that comes as soon as it is known; to partners the others are a number. */
export function helpersInWords(helpers, roles) {
  if (isStaff) {
    return el("span", {}, ...helpers.flatMap((one, place) => [place ? "、" : "", nameOf(one), `（${roles[one.role] ?? "同行"}）`]));
  }
  const own = helpers.filter((one) => one.account === me);
  const others = helpers.length - own.length;
  return el("span", {}, [
    own.length ? `您（${own.map((one) => roles[one.role]).join("、")}）` : "", others ? `另有 ${others} 位帮扶人` : "",
  ].filter(Boolean).join("，"));
}

export function nameOf({ helper, provider_id: provider }) {
  const name = el("span", {}, provider ? "…" : colleagues.get(helper)?.display_name ?? "有账号的帮扶人");
  if (provider) providerName(provider).then((text) => { name.textContent = text; });
  return name;
}

function providerName(id) {
  if (!providers.has(id)) {
    providers.set(id, get(`/api/providers/${id}`).then(({ name }) => name, (error) => {
      if (!(error instanceof Mistake)) throw error;
      return "其他社区的提供方";
    }));
  }
  return providers.get(id);
}
