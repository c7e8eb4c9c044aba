// What staff do with pairings besides visits: look after alerts, plan anew, hand over, close, and see what they came to by month.
import { Mistake, get, patch, post } from "./api.js";
import { later, today } from "./days.js";
import { announce, byId, el } from "./dom.js";
import { Dialog } from "./form.js";
import { option } from "./names.js";
import { person } from "./pairing_cards.js";
import { colleagueOptions, fillHelpers, helperOf } from "./pairing_begin.js";
import { PlanChoices } from "./pairing_plan.js";
import { colleague } from "./people.js";
import { planInWords } from "./plan.js";

/** Set the dialogs up; `done` has a function for each thing that has changed. */
export function staffDialogs(done) {
  const acknowledge = new Dialog(byId("acknowledge"), {
    values: (data) => ({ note: data.get("note").trim() }),
    send: async (body, key, alert) => {
      await post(`/api/pairing-alerts/${alert.id}/acknowledge`, body, key);
      announce("已处理这条提醒");
      done.alert(alert);
    },
  });
  const plan = new PlanChoices("replan");
  const replan = new Dialog(byId("replan"), {
    values: () => ({ plan: plan.values() }),
    send: async (body, _, pairing) => {
      done.pairing(await patch(`/api/pairings/${pairing.id}`, { version: pairing.version, ...body }));
      announce("已更改计划");
    },
  });
  const transfer = new Dialog(byId("transfer"), {
    values: (data) => ({ worker: data.get("worker") || null, lead: helperOf(data.get("lead")), reason: data.get("reason") }),
    send: async (body, key, pairing) => {
      done.pairing(await post(`/api/pairings/${pairing.id}/transfer`, body, key));
      announce("已移交");
    },
  });
  const end = new Dialog(byId("end"), {
    values: (data) => ({
      reason: data.get("reason"), stars: Number(data.get("stars")) || null, goals_reached: data.get("goals_reached"),
      evaluation: data.get("evaluation").trim() || null,
    }),
    send: async (body, key, pairing) => {
      const missing = ["stars", "goals_reached"].filter((name) => !body[name]).map((field) => ({ field, message: "请选择" }));
      if (missing.length) throw new Mistake(422, { errors: missing });
      done.pairing(await post(`/api/pairings/${pairing.id}/end`, body, key));
      announce("已结束结对");
    },
  });

  return {
    acknowledge(alert) {
      byId("acknowledge-about").textContent = person(alert.client_id);
      acknowledge.open(alert);
    },
    replan(pairing) {
      byId("replan-about").textContent = `${person(pairing.client_id)}，现在：${planInWords(pairing.plan)}`;
      replan.open(pairing);
      return plan.fill(pairing.plan);
    },
    async transfer(pairing) {
      byId("transfer-about").textContent = `${person(pairing.client_id)}，现在由${colleague(pairing.worker)}负责`;
      byId("transfer-worker").replaceChildren(option("", "不变"), ...colleagueOptions());
      await fillHelpers(byId("transfer-lead"), "不变");
      transfer.open(pairing);
    },
    end(pairing) {
      byId("end-about").textContent = `${person(pairing.client_id)}，已探访 ${pairing.visits} 次。结束后不再安排探访，帮扶人不再能看到联系方式。`;
      end.open(pairing);
    },
  };
}

const MONTHS = 183; // days to look back
const FIGURES = ["active", "visits", "missed", "minutes", "people", "material", "emotional"];

/** Show what pairings came to by month, the newest first. */
export async function showFigures(community, names) {
  const query = new URLSearchParams({ since: later(today(), -MONTHS), until: today(), ...(community && { community }) });
  try {
    const { items } = await get(`/api/pairing-figures?${query}`);
    byId("figures-rows").replaceChildren(...items.toReversed().map((row) => el("tr", {},
      el("th", { scope: "row" }, row.month), el("td", {}, names.community(row.community)),
      ...FIGURES.map((name) => el("td", { class: "number" }, String(row[name]))))));
    byId("figures-empty").hidden = items.length > 0;
    byId("figures-table").hidden = !items.length;
    byId("figures-problem").hidden = true;
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    [byId("figures-problem").textContent, byId("figures-problem").hidden] = [error.message, false];
  }
}
