// A column that can be asked for something else: other filters, or what belongs to another thing.
import { Column } from "./column.js";

export class Asked extends Column {
  /** Show what `about` (a path, a query) asks for instead; an answer to an earlier question is not shown any more. */
  async ask(about) {
    Object.assign(this, about, { loaded: false, next: null, asked: {} });
    this.clear();
    this.part("empty").hidden = this.part("more").hidden = true;
    this.part("count").textContent = "";
    this.part("list").setAttribute("aria-busy", "true");
    await this.load();
  }

  async fetch(extra) {
    const { asked } = this;
    const page = await super.fetch(extra);
    return asked === this.asked ? page : null;
  }
}
