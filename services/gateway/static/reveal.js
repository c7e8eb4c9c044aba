// Shows private data after somebody says what for; that it was shown is on record, and nothing stays when it is closed.
import { Mistake, newKey, post } from "./api.js";
import { busy, byId, el } from "./dom.js";

const LABELS = {
  contact_name: "联系人", contact_phone: "电话", contact_address: "地址", guardian_name: "监护人", guardian_phone: "监护人电话",
  birth_date: "出生日期", details: "详情", notes: "记录", note: "记录", recipient_comment: "需求方评语", provider_comment: "提供方评语",
};

export class Reveal {
  /** `id` is that of the dialog, see `reveal` in parts.html. */
  constructor(id) {
    Object.assign(this, { dialog: byId(id), about: byId(`${id}-about`), shown: byId(`${id}-shown`) });
    this.form = this.dialog.querySelector("form");
    this.alert = this.form.querySelector(".alert");
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.clear());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      busy(event.submitter, () => this.show());
    });
  }

  /** Ask what for; `path` is where to post it, `about` what is looked at. */
  open(path, about) {
    this.clear();
    [this.path, this.about.textContent] = [path, about];
    this.dialog.showModal();
  }

  clear() {
    this.shown.replaceChildren();
    [this.shown.hidden, this.alert.hidden] = [true, true];
  }

  async show() {
    this.clear();
    try {
      const found = await post(this.path, { purpose: new FormData(this.form).get("purpose") }, newKey());
      if (!this.dialog.open) return;
      const known = Object.entries(LABELS).filter(([name]) => found[name]);
      this.shown.replaceChildren(...(known.length ? known : [["", ""]]).flatMap(([name, label]) => name
        ? [el("dt", {}, label), el("dd", {}, name.endsWith("phone") ? el("a", { href: `tel:${found[name]}` }, found[name]) : found[name])]
        : [el("dd", {}, "没有登记。")]));
      this.shown.hidden = false;
      this.shown.focus();
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      [this.alert.textContent, this.alert.hidden] = [error.message, false];
    }
  }
}
