// The form of a provider, and the dialogs in which something is decided about one.
import { patch, post } from "./api.js";
import { Reach, changed, refuse, tick, ticked } from "./choices.js";
import { announce, byId } from "./dom.js";
import { Dialog } from "./form.js";
import { communityOptions } from "./names.js";
import { PERSONS } from "./provider_card.js";

const TEXT = ["kind", "community", "name"];
const OPTIONAL = ["organisation_name", "credit_code", "contact_name", "contact_phone", "contact_address"];
const NOTES = {
  new: "登记以后由社工站核实。核实以前，它的资源先留着，不会推荐给居民。",
  change: "改了类型、名称、机构全称或统一社会信用代码的，社工站会再核实一次。",
};

const field = (name) => byId(`provider-${name}`);

export function setUpProviderForm({ theirs, onMade, onChanged }) {
  const reach = new Reach("provider");
  let before = null; // what the form said when a provider that is there was opened

  const values = (data) => ({
    ...Object.fromEntries(TEXT.map((name) => [name, data.get(name).trim()])),
    ...Object.fromEntries(OPTIONAL.map((name) => [name, data.get(name).trim() || null])),
    ...(PERSONS.includes(data.get("kind")) && { organisation_name: null, credit_code: null }),
    serves: reach.get(data.get("community")),
    tell: ticked("provider-tell"),
    tell_by: ticked("provider-tell_by"),
    named: data.has("named"),
  });

  const dialog = new Dialog(byId("provider-edit"), {
    values: (data) => ({ ...values(data), ...(data.has("draft") && { draft: true }) }),
    send: async (body, key, provider) => {
      refuse(reach.mistakes());
      if (provider) {
        const changes = changed(body, before);
        if (Object.keys(changes).length) onChanged(await patch(`/api/providers/${provider.id}`, { ...changes, version: provider.version }));
        announce(`已保存：${body.name}`);
      } else {
        onMade(await post("/api/providers", body, key));
        announce(`已登记：${body.name}`);
      }
    },
  });

  const follow = () => { byId("provider-organisation").hidden = PERSONS.includes(field("kind").value); };
  field("kind").addEventListener("change", follow);
  field("community").append(...communityOptions().filter(({ value }) => !theirs.length || theirs.includes(value)));

  function open(provider) {
    dialog.open(provider);
    byId("provider-edit-title").textContent = provider ? "更改提供方" : "登记提供方";
    byId("provider-do").textContent = provider ? "保存" : "登记";
    byId("provider-contact-hint").hidden = !provider?.has_contact;
    if (byId("provider-note")) byId("provider-note").textContent = provider ? NOTES.change : NOTES.new;
    if (byId("provider-later")) byId("provider-later").hidden = Boolean(provider);
  }

  return {
    openNew() {
      open(null);
      if (theirs.length === 1) field("community").value = theirs[0];
      follow();
    },
    openChange(provider) {
      open(provider);
      for (const name of [...TEXT, "organisation_name", "credit_code"]) field(name).value = provider[name] ?? "";
      reach.set(provider.serves, provider.community);
      tick("provider-tell", provider.tell);
      tick("provider-tell_by", provider.tell_by);
      field("named").checked = provider.named;
      follow();
      before = values(new FormData(dialog.form));
      field("name").focus();
    },
  };
}

/** Ask why a provider rests. */
export function setUpPause(onPaused) {
  const dialog = new Dialog(byId("pause"), {
    values: (data) => ({ reason: data.get("reason").trim() }),
    send: async (body, key, provider) => {
      onPaused(await post(`/api/providers/${provider.id}/pause`, body, key));
      announce(`已暂停：${provider.name}`);
    },
  });
  return (provider) => {
    byId("pause-about").textContent = provider.name;
    dialog.open(provider);
  };
}
