// What flowed between communities, and who is honoured for what they gave.
import { Mistake, get, post } from "./api.js";
import { Column } from "./column.js";
import { decide } from "./decide.js";
import { announce, byId, el } from "./dom.js";
import { categoryOptions, learnNames, names } from "./names.js";

const card = (title, tag, facts, ...rest) => el("li", { class: "card" },
  el("div", { class: "head" }, el("h3", { tabindex: "-1" }, title), tag ? el("span", { class: "tag" }, tag) : null),
  el("div", { class: "facts" }, ...facts.filter(Boolean).map((fact) => el("span", {}, fact))), ...rest);
const GIVERS = { person: "个人", organisation: "单位" };

// The roll of honour

const honour = (one) => card(one.name, GIVERS[one.giver], [
  names.community(one.community), `${one.times} 次`, one.people ? `帮助 ${one.people} 人` : null,
  one.minutes ? `${Math.round(one.minutes / 6) / 10} 小时` : null, ...one.given.map(({ quantity, unit }) => `${quantity} ${unit}`),
  `从 ${one.since} 起`,
]);
const roll = (name, section) => new Column(name, {
  path: "/api/honours", query: { section }, card: honour, arrived: (items) => `新增 ${items.length} 位`,
});
const columns = [roll("honours", "giving_back"), roll("giving", "giving")];

// Who received and gave since: staff keep who agreed to be named for it

if (byId("givers")) {
  const givers = new Column("givers", {
    path: "/api/givers-back",
    arrived: (items) => `新增 ${items.length} 位`,
    card: (one) => card(one.name, one.as_giving_back && one.named ? "已上榜" : null, [
      GIVERS[one.giver], names.community(one.community), `${one.first_received_on} 起受助 ${one.times_received} 次`,
      `${one.first_gave_on} 起帮助别人 ${one.times_gave} 次`, one.people ? `${one.people} 人` : null,
    ], el("p", { class: "alert", role: "alert", hidden: "" }), el("div", { class: "actions" }, el("button", {
      type: "button", class: "quiet", "aria-label": `${one.as_giving_back ? "撤回上榜" : "登记同意上榜"}：${one.name}`,
      onclick: (event) => agree(one, event.currentTarget),
    }, one.as_giving_back ? "撤回上榜" : "登记同意上榜"))),
  });
  const agree = (one, button) => decide(button, `honour ${one.id} ${one.as_giving_back}`, async (key) => {
    const { agreed } = await post(`/api/providers/${one.id}/honour`, { agreed: !one.as_giving_back }, key);
    givers.show({ ...one, as_giving_back: agreed }, {});
    announce(agreed ? `${one.name} 已同意上榜` : `${one.name} 不再上榜`);
    columns[0].clear();
    await columns[0].load();
  });
  columns.push(givers);
}

// Flows

const sum = (items, of) => items.reduce((total, item) => total + of(item), 0);

/** A table of how often something was delivered; `row` and `column` say where an item counts. */
function table(caption, items, row, column, rowName, columnName) {
  const columns_ = [...new Set(items.map(column))].sort();
  const rows = [...new Set(items.map(row))].sort();
  const count = (kept) => sum(kept, ({ deliveries }) => deliveries) || "";
  return el("table", {}, el("caption", {}, caption),
    el("thead", {}, el("tr", {}, el("td"), ...columns_.map((code) => el("th", { scope: "col" }, columnName(code))), el("th", { scope: "col" }, "合计"))),
    el("tbody", {}, ...rows.map((code) => {
      const own = items.filter((item) => row(item) === code);
      return el("tr", {}, el("th", { scope: "row" }, rowName(code)),
        ...columns_.map((to) => el("td", {}, String(count(own.filter((item) => column(item) === to))))),
        el("td", {}, el("b", {}, String(count(own)))));
    })));
}

async function showFlows() {
  const query = Object.fromEntries([...new FormData(byId("flows-filter"))].filter(([, value]) => value));
  byId("flows-problem").hidden = true;
  try {
    const items = [];
    let page = { next: null };
    do {
      page = await get(`/api/flows?${new URLSearchParams({ by: "group", limit: 2000, ...query, ...(page.next && { after: page.next }) })}`);
      items.push(...page.items);
    } while (page.next);
    [byId("flows-since").value, byId("flows-until").value] = [page.since, page.until];
    const { totals, between } = page;
    byId("flows-sum").textContent = `${page.since} 至 ${page.until}：完成 ${totals.deliveries} 次，${totals.person_times} 人次；`
      + `其中 ${between.deliveries} 次在不同社区之间。`;
    byId("flows-matrix").replaceChildren(items.length ? table("从哪个社区（行）到哪个社区（列），次数",
      items, (item) => item.from_community, (item) => item.to_community, names.community, names.community) : "");
    byId("flows-months").replaceChildren(items.length ? table("每个类别、每个月，次数",
      items, (item) => item.category, (item) => item.month, names.category, (month) => month) : "");
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    [byId("flows-problem").textContent, byId("flows-problem").hidden] = [error.message, false];
  }
}

await learnNames();
if (byId("flows")) {
  byId("flows-category").append(...categoryOptions({ groups: true }));
  byId("flows-filter").addEventListener("submit", (event) => {
    event.preventDefault();
    showFlows();
  });
  await showFlows();
}
await Promise.all(columns.map((column) => column.load()));
