// What may be there twice: a person keeps one of two, or says that they are two; a merge is undone within a week.
import { Mistake, get, post, readWhole } from "./api.js";
import { short } from "./client_cards.js";
import { decide } from "./decide.js";
import { announce, busy, byId } from "./dom.js";
import { Dialog } from "./form.js";
import { option } from "./names.js";
import { WHAT, both, mergeCard, pairCard, pairsOf, sideOf } from "./pair_cards.js";

const PAGE = 200;
const A_WEEK = 7 * 24 * 3600 * 1000;
const CONSEQUENCES = {
  client: "另一条的需求、同意和评估都转到保留的这一条；联系方式以保留的为准。七天之内可以撤销。",
  need: "另一项需求会撤下，不再匹配。七天之内可以撤销。",
};

export class Duplicates {
  /** `reveal` opens that dialog; `changed(ids)` is called with those whose pairs were decided about. */
  constructor({ reveal, changed }) {
    Object.assign(this, { changed, rows: [], shown: { pairs: [], merges: [] }, next: null, about: null });
    this.reveal = (kind, side) => reveal({ path: `/api/${kind}s/${side.id}/reveals`, title: `${side.title || WHAT[kind]}，${short(side.id)}` });
    this.merge = new Dialog(byId("merge"), {
      values: (data) => ({ keep: data.get("keep") }),
      send: (body, key, pair) => post(`/api/duplicates/${pair.id}/merge`, body, key),
      after: (pair) => this.decided(pair, "已合并，七天之内可以撤销"),
    });
    byId("pairs-kind").addEventListener("change", () => this.load());
    byId("pairs-all").addEventListener("click", () => { location.hash = "duplicates"; });
    byId("pairs-more").addEventListener("click", (event) => busy(event.target, () => this.more()));
  }

  /** Show the pairs that wait, all of them or those of one client or need, and what was merged of late. */
  async open(about) {
    this.about = about;
    byId("pairs-all").hidden = !about;
    if (about) byId("pairs-all").textContent = `只看与${short(about)} 相似的，改看全部`;
    await Promise.all([this.load(), this.recent()]);
  }

  /** Say how many wait, whatever is shown. */
  async count() {
    const page = await fetched({ state: "open" }).catch(() => null);
    if (page) byId("waiting").textContent = `${pairsOf(page.items).length}${page.next ? "+" : ""}`;
  }

  async load() {
    const asked = this.asked = {};
    const page = await this.page({});
    if (!page || asked !== this.asked) return;
    [this.rows, this.next] = [page.items, page.next];
    this.show();
  }

  async more() {
    const before = byId("pairs-list").children.length;
    const asked = this.asked;
    const page = await this.page({ after: this.next });
    if (!page || asked !== this.asked) return;
    [this.rows, this.next] = [[...this.rows, ...page.items], page.next];
    this.show();
    byId("pairs-list").children[before]?.querySelector("h3").focus();
  }

  page(extra) {
    const kind = byId("pairs-kind").value;
    return said("pairs", () => fetched({ state: "open", ...(kind && { kind }), ...(this.about && { subject_id: this.about }), ...extra }));
  }

  show() {
    const cards = { onReveal: this.reveal, onDismiss: (...about) => this.dismiss(...about), onMerge: (pair) => this.ask(pair) };
    this.fill("pairs", pairsOf(this.rows), (pair) => pairCard(pair, cards), this.next);
  }

  /** Show what was merged within a week, the latest first. What was closed along with a merge is undone with it. */
  async recent() {
    const rows = await said("merges", () => readWhole("/api/duplicates", { state: "merged" }));
    if (!rows) return;
    const own = rows.filter((row) => [row.one.id, row.other.id].includes(row.kept) && Date.now() - new Date(row.decided_at) < A_WEEK);
    const merges = pairsOf(own).sort((a, b) => new Date(b.decided_at) - new Date(a.decided_at));
    this.fill("merges", merges, (merge) => mergeCard(merge, { onUndo: (...about) => this.undo(...about) }), null);
  }

  fill(list, pairs, card, next) {
    this.shown[list] = pairs;
    byId(`${list}-list`).replaceChildren(...pairs.map(card));
    byId(`${list}-list`).setAttribute("aria-busy", "false");
    byId(`${list}-empty`).hidden = pairs.length > 0;
    byId(`${list}-more`).hidden = next === null;
    byId(`${list}-count`).textContent = pairs.length ? `${pairs.length}${next ? "+" : ""}` : "";
  }

  ask(pair) {
    byId("merge-about").textContent = CONSEQUENCES[pair.kind];
    byId("merge-keep").replaceChildren(option("", "请选择"), ...[pair.one, pair.other].map((side) => option(side.id, sideOf(side))));
    this.merge.open(pair);
  }

  dismiss(pair, button) {
    return decide(button, `dismiss ${pair.id}`, async (key) => {
      await post(`/api/duplicates/${pair.id}/dismiss`, {}, key);
      await this.decided(pair, "已记为不是同一个");
    });
  }

  undo(merge, button) {
    return decide(button, `undo ${merge.id}`, async (key) => {
      await post(`/api/duplicates/${merge.id}/undo`, {}, key);
      await this.decided(merge, "已撤销，又是两条", "merges");
    });
  }

  /** Show what became of it, and go on with what comes next in that list. */
  async decided(pair, text, list = "pairs") {
    const place = this.shown[list].findIndex((one) => both(one) === both(pair));
    await Promise.all([this.load(), this.recent(), this.count()]);
    announce(text);
    this.changed([pair.one.id, pair.other.id]);
    const cards = byId(`${list}-list`).children;
    (cards[Math.min(place, cards.length - 1)]?.querySelector("h3") ?? byId("duplicates")).focus();
  }
}

const fetched = (query) => get(`/api/duplicates?${new URLSearchParams({ limit: PAGE, ...query })}`);

/** Carry a request out and say its refusal in a column; nothing comes back then. */
async function said(column, request) {
  try {
    const answer = await request();
    byId(`${column}-problem`).hidden = true;
    return answer;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    [byId(`${column}-problem`).textContent, byId(`${column}-problem`).hidden] = [error.message, false];
    return null;
  }
}
