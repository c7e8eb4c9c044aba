// A list that is read whole, for an order that the server does not keep; what is gone from it goes.
import { AT_ONCE } from "./api.js";
import { Column } from "./column.js";
import { announce } from "./dom.js";

const PAGE = 20;

export class Whole extends Column {
  /** `queries()` returns what the list is put together from; `keep(one)` and `order(one, other)` arrange it. */
  constructor(name, { queries, keep = () => true, order, ...options }) {
    super(name, options);
    Object.assign(this, { queries, keep, order, all: [], most: PAGE, asked: 0 });
  }

  async load() {
    const found = [], number = ++this.asked;
    for (const query of this.queries()) {
      const items = await this.whole(query);
      if (!items) return;
      found.push(...items.filter(this.keep));
    }
    if (number !== this.asked) return; // Somebody asked again meanwhile.
    const known = new Set(this.all.map(({ id }) => id));
    const fresh = this.loaded ? found.filter(({ id }) => !known.has(id)) : [];
    this.all = this.order ? found.sort(this.order) : found;
    this.lay(new Set(fresh.map(({ id }) => id)));
    if (fresh.length) announce(this.arrived(fresh));
  }

  async whole(query) {
    const items = [];
    for (let after = null, more = true; more; more = after !== null) {
      const page = await this.fetch({ limit: AT_ONCE, ...query, ...(after && { after }) });
      if (!page) return null;
      items.push(...page.items);
      after = page.next;
    }
    return items;
  }

  more() {
    const first = this.all[this.most];
    this.most += PAGE;
    this.lay();
    this.focus(first?.id);
  }

  /** Show what there is in its order, and move nothing that is in its place. */
  lay(fresh = new Set()) {
    const shown = this.all.slice(0, this.most), ids = new Set(shown.map(({ id }) => id)), list = this.part("list");
    for (const [id, node] of this.items) {
      if (ids.has(id)) continue;
      node.remove();
      this.items.delete(id);
    }
    shown.forEach((item, place) => {
      this.show(item, { isNew: fresh.has(item.id) });
      const node = this.items.get(item.id);
      if (list.children[place] !== node) list.insertBefore(node, list.children[place]);
    });
    this.next = shown.length < this.all.length ? shown.length : null;
    this.loaded = true;
    this.settle();
  }
}
