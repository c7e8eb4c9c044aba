// The list of providers: who waits for somebody to verify them comes first.
import { Column } from "./column.js";

const MOST = 100; // who waits, of each sort

export class Providers extends Column {
  async load() {
    await super.load();
    const asked = this.query;
    if (asked.state || asked.due || !this.loaded) return;
    const [due, drafts] = await Promise.all([{ due: true }, { state: "draft" }]
      .map((more) => this.read({ ...asked, ...more, limit: MOST }).then(({ items }) => items, () => [])));
    if (asked !== this.query) return;
    const list = this.part("list");
    [...due, ...drafts].forEach((one, place) => {
      this.show(one, {});
      // What stands where it should is not moved, so that it keeps the focus.
      if (list.children[place] !== this.items.get(one.id)) list.insertBefore(this.items.get(one.id), list.children[place]);
    });
  }
}
