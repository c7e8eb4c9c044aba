// Who is helped: registered, and changed without what is private being shown first.
import { patch, post } from "./api.js";
import { announce, byId } from "./dom.js";
import { Dialog } from "./form.js";
import { communityOptions } from "./names.js";

const PUBLIC = ["kind", "community", "target_group"];
const PRIVATE = ["contact_name", "contact_phone", "contact_address", "birth_date", "guardian_name", "guardian_phone"];
const NOT_BORN = { birth_date: null, birth_year: null, guardian_name: null, guardian_phone: null };

/**
 * Return what opens the form for `{ client, known }`: nobody yet, or who is to be changed, with the private data of theirs
 * that were looked at. `after(client)` is called with what the server made of it; `stale(client)` where somebody else
 * was faster.
 */
export function registering({ after, stale }) {
  let made = null;
  const kind = byId("client-kind");
  const dialog = new Dialog(byId("client-form"), {
    values: (data) => {
      const text = (name) => data.get(name).trim() || null;
      const all = Object.fromEntries([...PUBLIC, ...PRIVATE].map((name) => [name, text(name)]));
      all.birth_year = Number(text("birth_year")) || null;
      if (kind.value !== "person") Object.assign(all, NOT_BORN);
      return dialog.about.client ? changes(all, dialog.about) : all;
    },
    send: async (body, key, { client }) => {
      try {
        made = client ? await patch(`/api/clients/${client.id}`, body) : await post("/api/clients", body, key);
      } catch (error) {
        if (client && error.status === 409) stale(client);
        throw error;
      }
      announce(client ? "已更改" : "已登记服务对象");
    },
    after: () => after(made),
  });
  byId("client-community").append(...communityOptions());
  kind.addEventListener("change", showBorn);

  function showBorn() {
    byId("client-born").hidden = kind.value !== "person";
  }

  return ({ client = null, known = {} }) => {
    dialog.open({ client, known });
    byId("client-form-title").textContent = client ? "更改服务对象" : "登记服务对象";
    byId("client-save").textContent = client ? "保存" : "登记";
    byId("client-unseen").hidden = !client || Object.keys(known).length > 0;
    for (const [name, value] of Object.entries({ ...client, ...known })) {
      const field = dialog.form.elements[name];
      if (field && value !== null) field.value = value;
    }
    showBorn();
  };
}

/** What differs from what was there; what is private and was not looked at counts as empty, and stays where it is left so. */
function changes(all, { client, known }) {
  const before = { ...client, ...known };
  const changed = Object.entries(all).filter(([name, value]) => value !== (before[name] ?? null));
  const notBorn = client.kind === "person" && all.kind !== "person" ? NOT_BORN : {};
  return { ...Object.fromEntries(changed), ...notBorn, version: client.version };
}
