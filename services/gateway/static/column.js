// One live column: pages of a list, kept in step with the server.
import { Mistake, get } from "./api.js";
import { announce, busy, byId } from "./dom.js";

const PAGE = 20;
const EVERY = 1000;

export class Column {
  /**
   * `card(item)` returns the list item for one thing, `arrived(items)` what to say when new ones come,
   * `arrange(items)` the order in which a page of them is shown. With `fits(item)`, what fits no more leaves, and what
   * the server does not list any more; without, all stays as it was.
   */
  constructor(name, { path, query = {}, card, arrived, arrange = (items) => items, fits = null }) {
    Object.assign(this, { name, path, query, card, arrived, arrange, fits });
    this.items = new Map();
    this.next = null;
    this.loaded = false;
    this.part = (what) => byId(`${name}-${what}`);
    this.part("more").addEventListener("click", (event) => busy(event.target, () => this.more()));
  }

  /** Bring the newest page up to date: soon, and at most once a second however much happens. */
  refresh() {
    if (this.waiting) return;
    const pause = Math.max(0, (this.last ?? 0) + EVERY - Date.now());
    this.waiting = setTimeout(async () => {
      this.last = Date.now();
      this.waiting = null;
      await this.load();
    }, pause);
  }

  /** Show what another query finds. */
  ask(query) {
    this.query = query;
    this.clear();
    this.loaded = false;
    return this.load();
  }

  async load() {
    const query = this.query;
    const page = await this.fetch({});
    if (!page || query !== this.query) return; // Something else was asked for meanwhile.
    const fresh = page.items.filter((item) => !this.items.has(item.id));
    const unbroken = fresh.length < page.items.length || page.next === null || !this.items.size;
    if (!unbroken) this.clear(); // So much is new that there is a gap between it and what is shown.
    if (!this.loaded || !unbroken) this.next = page.next;
    if (this.fits) this.tidy(page);
    for (const item of this.arrange(page.items).toReversed()) this.show(item, { first: true, isNew: this.loaded });
    if (this.loaded && fresh.length) announce(this.arrived(fresh));
    this.loaded = true;
    this.settle();
  }

  async more() {
    const page = await this.fetch({ after: this.next });
    if (!page) return;
    this.next = page.next;
    const items = this.arrange(page.items);
    for (const item of items) this.show(item, {});
    this.settle();
    if (items.length) this.focus(items[0].id);
  }

  /** Move the focus to one thing's heading, or to what is there in its stead. */
  focus(id) {
    const card = this.items.get(id) ?? this.part("list").firstElementChild;
    (card?.querySelector("h3") ?? this.part("title")).focus();
  }

  /** Bring one thing that is shown up to date. */
  async renew(id) {
    if (!this.items.has(id)) return;
    try {
      this.show(await get(`${this.path}/${id}`), {});
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      if (this.fits && error.status === 404) this.drop(id);
    }
  }

  show(item, { first = false, isNew = false }) {
    if (this.fits && !this.fits(item)) return this.drop(item.id);
    const before = this.items.get(item.id);
    if (before && before.dataset.state === JSON.stringify(item)) return;
    const node = this.card(item);
    node.dataset.state = JSON.stringify(item);
    this.items.set(item.id, node);
    if (before) {
      const focused = before.contains(document.activeElement);
      before.replaceWith(node);
      if (focused) this.focus(item.id);
    } else {
      if (isNew) node.classList.add("new");
      this.part("list")[first ? "prepend" : "append"](node);
    }
    this.settle();
  }

  /** Let go what the newest page, down to its last item, does not have any more. */
  tidy({ items, next }) {
    const listed = new Set(items.map(({ id }) => id));
    for (const id of [...this.items.keys()]) if (!listed.has(id) && (next === null || id > next)) this.drop(id);
  }

  drop(id) {
    const node = this.items.get(id);
    if (!node) return;
    const focused = node.contains(document.activeElement);
    const next = node.nextElementSibling ?? node.previousElementSibling;
    this.items.delete(id);
    node.remove();
    if (focused) (next?.querySelector("h3") ?? this.part("title")).focus();
    this.settle();
  }

  clear() {
    this.items.clear();
    this.part("list").replaceChildren();
  }

  async fetch(extra) {
    try {
      const page = await this.read({ ...this.query, limit: PAGE, ...extra });
      this.part("problem").hidden = true;
      return page;
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      [this.part("problem").textContent, this.part("problem").hidden] = [error.message, false];
      this.part("list").setAttribute("aria-busy", "false");
      if (error.status === 0 || error.status === 503) setTimeout(() => this.refresh(), 5000);
      return null;
    }
  }

  read(query) {
    return get(`${this.path}?${new URLSearchParams(query)}`);
  }

  settle() {
    this.part("list").setAttribute("aria-busy", "false");
    this.part("empty").hidden = this.items.size > 0 || !this.loaded;
    this.part("more").hidden = this.next === null;
    this.part("count").textContent = this.items.size ? `${this.items.size}${this.next ? "+" : ""}` : "";
  }
}
