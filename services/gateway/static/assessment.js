// The assessment of how somebody lives: a form that the server knows, and what its answers come to.
import { get, post } from "./api.js";
import { assessmentCard } from "./client_cards.js";
import { byId, el } from "./dom.js";
import { Dialog } from "./form.js";

export let form = null;
export const levels = new Map();

/** Learn the form and the names of its levels; a page goes on without them where that fails. */
export async function learnForm() {
  form = await get("/api/assessment-form").catch(() => null);
  for (const { code, label } of form?.levels ?? []) levels.set(code, label);
}

/** Questions of which each is a group of choices with one place for its mistake. */
class Questions extends Dialog {
  place(field) {
    return byId(`assess-${field.name}-error`);
  }

  clear(field) {
    for (const one of this.form.querySelectorAll(`[name="${field.name}"]`)) one.removeAttribute("aria-invalid");
    this.place(field).textContent = "";
  }

  async submit() {
    const given = new FormData(this.form);
    const open = items().filter(({ code }) => !given.get(code)).map(({ code }) => ({ field: code, message: "请选择一项" }));
    return open.length ? this.show(open) : super.submit();
  }
}

const items = () => form.parts.flatMap((part) => part.items);

/** Return what opens the form for a client; `after(client)` is called once the answers are kept. */
export function assessing({ title, after }) {
  const scored = byId("scored");
  let made = null;
  byId("assess-parts").append(...form.parts.map(part));
  byId("scored-close").addEventListener("click", () => scored.close());

  const dialog = new Questions(byId("assess"), {
    values: (data) => ({
      form: form.version,
      answers: items().map(({ code }) => ({ item: code, option: data.get(code) })),
      notes: data.get("notes").trim() || null,
    }),
    send: async (body, key, client) => { made = await post(`/api/clients/${client.id}/assessments`, body, key); },
    after: (client) => {
      byId("scored-card").replaceChildren(el("ul", { class: "cards", role: "list" }, assessmentCard(made, form)));
      scored.showModal();
      byId("scored-title").focus();
      after(client);
    },
  });
  dialog.form.addEventListener("input", progress);

  function progress() {
    const given = new FormData(dialog.form);
    byId("assess-progress").textContent = `已答 ${items().filter(({ code }) => given.get(code)).length} / ${items().length}`;
  }

  return (client) => {
    byId("assess-about").textContent = title(client);
    dialog.open(client);
    progress();
  };
}

function part({ label, items: questions }) {
  return el("section", { class: "stack" }, el("h3", { class: "part" }, label), ...questions.map(question));
}

function question({ code, label, options }) {
  return el("fieldset", { class: "choices", "aria-describedby": `assess-${code}-error` },
    el("legend", {}, label),
    el("div", {}, ...options.map((one) => el("label", {},
      el("input", { type: "radio", name: code, value: one.code, id: `assess-${code}-${one.code}` }), one.label))),
    el("p", { class: "mistake", id: `assess-${code}-error` }));
}
