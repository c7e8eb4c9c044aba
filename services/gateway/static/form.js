// Dialogs with a form: errors are shown where they are, and sent again under the same key while nothing changed.
import { Mistake, newKey } from "./api.js";
import { busy } from "./dom.js";

/** What a field for a day and a time says, as a moment of the station's time; null where it is empty. */
export const inStationTime = (value) => (value ? `${value.length === 16 ? value + ":00" : value}+08:00` : null);

export class Dialog {
  /** `send(body, key, about)` carries it out; when it succeeds, the dialog closes and `after(about)` is called. */
  constructor(dialog, { values, send, after = () => {} }) {
    Object.assign(this, { dialog, values, send, after });
    this.form = dialog.querySelector("form");
    this.alert = this.form.querySelector(".alert");
    for (const button of dialog.querySelectorAll("[data-close]")) {
      button.addEventListener("click", () => dialog.close());
    }
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      busy(event.submitter ?? this.form.querySelector("button.primary"), () => this.submit());
    });
    this.form.addEventListener("input", (event) => this.clear(event.target));
    dialog.addEventListener("close", () => this.forget());
  }

  open(about) {
    this.about = about;
    this.form.reset();
    this.sent = null;
    this.show([]);
    this.alert.hidden = true;
    this.dialog.showModal();
    this.form.querySelector("input, select, textarea").focus();
  }

  /** What was typed may be about a person: it does not stay in a dialog that is closed. */
  forget() {
    if (this.dialog.open) return; // again, meanwhile
    this.form.reset();
    this.sent = this.about = null;
  }

  async submit() {
    const missing = [...this.form.elements].filter((field) => field.required && !field.value.trim())
      .map((field) => ({ field: field.name, message: field.tagName === "SELECT" ? "请选择" : "请填写" }));
    if (missing.length) return this.show(missing);
    const body = this.values(new FormData(this.form));
    if (this.sent?.text !== JSON.stringify(body)) this.sent = { text: JSON.stringify(body), key: newKey() };
    try {
      await this.send(body, this.sent.key, this.about);
      this.dialog.close();
      this.after(this.about);
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      this.show(error.errors);
      const elsewhere = !error.errors.some(({ field }) => this.form.elements[field.split(".")[0]]);
      this.alert.textContent = error.message;
      this.alert.hidden = !elsewhere;
    }
  }

  show(errors) {
    const fields = [...this.form.elements].filter((field) => field.name);
    fields.forEach((field) => this.clear(field));
    const wrong = fields.filter((field) => {
      const error = errors.find((one) => one.field.split(".")[0] === field.name);
      if (error) this.mark(field, error.message);
      return error;
    });
    wrong[0]?.focus();
  }

  mark(field, message) {
    field.setAttribute("aria-invalid", "true");
    this.place(field).textContent = message;
  }

  clear(field) {
    if (!field.name) return;
    field.removeAttribute("aria-invalid");
    this.place(field).textContent = "";
  }

  place(field) {
    return this.dialog.querySelector(`#${field.id}-error`);
  }
}
