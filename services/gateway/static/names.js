// Names of codes: communities and categories, from the API, and the choices of forms.
import { newKey, post, readWhole } from "./api.js";
import { byId, el } from "./dom.js";

export const communities = new Map();
export const categories = new Map();
export const names = {
  community: (code) => communities.get(code)?.name ?? code,
  category: (code) => categories.get(code)?.name ?? code,
};

/** Learn the names; a page goes on with codes where that fails. */
export function learnNames() {
  return Promise.allSettled([all("/api/communities", communities), all("/api/categories", categories)]);
}

/** Read all pages of a list into a map by code, or by another key. */
export async function all(path, into, { key = "code", query = {} } = {}) {
  for (const item of await readWhole(path, query)) into.set(item[key], item);
}

export const option = (value, text) => el("option", { value }, text);

export function communityOptions() {
  return [...communities.values()].map(({ code, name }) => option(code, name));
}

/** Categories by group; with `groups`, a group may be chosen as well. */
export function categoryOptions({ groups = false } = {}) {
  const items = [...categories.values()];
  return items.filter((one) => !one.parent).map((group) => {
    const inside = items.filter((one) => one.parent === group.code);
    const choices = groups || !inside.length ? [group, ...inside] : inside;
    return el("optgroup", { label: group.name }, ...choices.map(({ code, name }) => option(code, name)));
  });
}

/** Offer the categories that somebody's own words may mean, each with its confidence; a person chooses. */
export async function suggestCategories(form, text) {
  const found = await post("/api/categories/suggest", { text }, newKey()).catch(() => ({ items: [] }));
  byId(`${form}-suggestions`).replaceChildren(...found.items.map(({ code, name, confidence }) => el("button", {
    type: "button", class: "quiet", onclick: () => { byId(`${form}-category`).value = code; },
  }, `${name} ${confidence}%`)));
}
