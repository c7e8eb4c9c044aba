// One client: what is known of them without saying who it is, and what can be done.
import { Mistake, get } from "./api.js";
import { Asked } from "./asked.js";
import { assessing, form, levels } from "./assessment.js";
import { needCard } from "./cards.js";
import { assessmentCard, consentCard, factsOf, lookCard, nameOf, short, tagsOf } from "./client_cards.js";
import { consenting, withdrawing } from "./consents.js";
import { byId, el } from "./dom.js";
import { names } from "./names.js";

const mayAssess = document.body.dataset.mayAssess === "yes";

export class Panel {
  /** `reveal` and `register` open those dialogs; `changed(client)` is called with what became of the client. */
  constructor({ reveal, register, changed }) {
    this.changed = changed;
    this.client = null;
    const title = (client) => `${nameOf(client)}，${names.community(client.community)}，${short(client.id)}`;
    const consent = consenting({ title, after: (client) => this.renew(client.id) });
    const withdraw = withdrawing({ after: (given) => this.renew(given.client_id) });
    const list = (name, what, card) => new Asked(name, { path: "", card, arrived: (items) => `${what}新增 ${items.length} 条` });
    this.lists = {
      consents: list("consents", "同意", (one) => consentCard(one, { onWithdraw: withdraw })),
      assessments: list("assessments", "评估", (one) => assessmentCard(one, form)),
      needs: list("needs", "需求", (need) => needCard(need, names)),
      looks: list("looks", "查看记录", lookCard),
    };
    const on = (button, action) => byId(button).addEventListener("click", () => action(this.client));
    on("consent-open", consent);
    on("forget", (client) => withdraw({ client_id: client.id, title: title(client) }));
    on("change", (client) => register({ client }));
    on("look", (client) => reveal({
      path: `/api/clients/${client.id}/reveals`, title: title(client),
      onCorrect: client.active ? (known) => register({ client, known }) : null,
    }));
    if (mayAssess && form) on("assess-open", assessing({ title, after: (client) => this.renew(client.id) }));
    else byId("assess-open")?.remove();
  }

  /** Show a client by id; the focus goes to what they are called. */
  async open(id) {
    this.id = id;
    this.client = null;
    byId("panel-none").hidden = true;
    byId("panel-lists").hidden = byId("panel-actions").hidden = true;
    for (const place of ["panel-title", "panel-tags", "panel-facts", "panel-notes"]) byId(place).replaceChildren();
    byId("panel-problem").hidden = true;
    byId("panel").hidden = false;
    if (await this.load(id)) this.ask();
    if (this.id !== id) return;
    byId("panel").scrollIntoView({ block: "nearest" });
    byId("panel-title").focus({ preventScroll: true });
  }

  close() {
    this.id = this.client = null;
    byId("panel").hidden = true;
    byId("panel-none").hidden = false;
  }

  /** Bring everything up to date after something was done. */
  async renew(id) {
    if (await this.load(id)) await Promise.all(Object.values(this.lists).map((list) => list.load()));
  }

  async load(id) {
    try {
      const client = await get(`/api/clients/${id}`);
      if (this.id !== id) return false;
      this.show(client);
      this.changed(client);
      return true;
    } catch (error) {
      if (!(error instanceof Mistake)) throw error;
      if (this.id !== id) return false;
      byId("panel-title").textContent ||= "打不开";
      [byId("panel-problem").textContent, byId("panel-problem").hidden] = [error.message, false];
      return false;
    }
  }

  show(client) {
    this.client = client;
    byId("panel-title").textContent = nameOf(client);
    byId("panel-tags").replaceChildren(...tagsOf(client, levels));
    byId("panel-facts").replaceChildren(...factsOf(client));
    byId("panel-notes").replaceChildren(...notes(client));
    byId("panel-problem").hidden = true;
    byId("panel-lists").hidden = byId("panel-actions").hidden = false;
    for (const button of ["consent-open", "assess-open", "change", "forget"]) if (byId(button)) byId(button).hidden = !client.active;
    byId("look").hidden = !client.active && !client.merged_into;
  }

  ask() {
    const path = `/api/clients/${this.id}`;
    this.lists.consents.ask({ path: `${path}/consents` });
    this.lists.assessments.ask({ path: `${path}/assessments` });
    this.lists.needs.ask({ path: "/api/needs", query: { client_id: this.id } });
    this.lists.looks.ask({ path: `${path}/reveals` });
  }

  /** Somebody has just looked at the client's data. */
  looked() {
    if (this.id) this.lists.looks.load();
  }
}

function notes(client) {
  const note = (...content) => el("p", { class: "note" }, ...content);
  if (client.merged_into) return [note("已并入另一位服务对象。", el("a", { href: `#${client.merged_into}` }, `打开保留的一位（${short(client.merged_into)}）`))];
  if (!client.active) return [note("已撤回接受服务的同意，个人资料已经清除。")];
  return [
    client.minor && !client.guardian_consents ? note("未满 14 周岁：登记监护人对接受服务的同意以后，需求才能发布。") : null,
    client.possible_duplicates ? note("可能登记了两次。", el("a", { href: `#duplicates/${client.id}` }, "看相似的")) : null,
  ].filter(Boolean);
}
