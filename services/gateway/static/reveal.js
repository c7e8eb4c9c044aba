// Private data are shown in a dialog that says why and that it is on record, and are gone when it closes.
import { Mistake, newKey, post } from "./api.js";
import { busy, byId, el } from "./dom.js";
import { option } from "./names.js";

const dialog = byId("reveal");

/** `rows` are [field, label] of the answer; with one purpose there is nothing to choose. */
export function reveal({ title, about, path, purposes, rows, nothing = "没有登记。" }) {
  byId("reveal-title").textContent = title;
  byId("reveal-about").textContent = about;
  byId("reveal-purpose").replaceChildren(...Object.entries(purposes).map(([code, text]) => option(code, text)));
  byId("reveal-choice").hidden = Object.keys(purposes).length < 2;
  byId("reveal-go").hidden = false;
  byId("reveal-go").onclick = (event) => busy(event.currentTarget, () => show(path, rows, nothing));
  dialog.showModal();
  byId("reveal-go").focus();
}

async function show(path, rows, nothing) {
  try {
    const found = await post(path, { purpose: byId("reveal-purpose").value }, newKey());
    if (!dialog.open) return; // closed meanwhile: what comes now is not shown
    const known = rows.filter(([name]) => found[name]);
    byId("reveal-shown").replaceChildren(...known.flatMap(([name, label]) => [el("dt", {}, label), el("dd", {}, value(name, found[name]))]));
    byId("reveal-nothing").textContent = known.length ? "" : nothing;
    byId("reveal-problem").hidden = true;
    byId("reveal-go").hidden = byId("reveal-choice").hidden = true;
    byId("reveal-close").focus();
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    [byId("reveal-problem").textContent, byId("reveal-problem").hidden] = [error.message, false];
  }
}

const value = (name, text) => (name.endsWith("phone") ? el("a", { href: `tel:${text.replace(/[^\d+]/g, "")}` }, text) : text);

byId("reveal-close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  byId("reveal-shown").replaceChildren();
  byId("reveal-nothing").textContent = "";
  byId("reveal-problem").hidden = true;
});
