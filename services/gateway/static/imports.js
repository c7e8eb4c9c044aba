// A table is uploaded, read with its progress in sight, previewed row by row, and registered, let go or taken back.
import { Mistake, get, newKey, post, upload } from "./api.js";
import { Column } from "./column.js";
import { announce, busy, byId, el, whenExactly } from "./dom.js";

const AGAIN = 500; // ms between two looks at an import that is being read
const KINDS = { needs: "需求", offers: "资源", providers: "提供方" };
const STATES = {
  reading: "正在读取", previewed: "等待决定", applied: "已登记", undone: "已撤回", discarded: "已放弃", failed: "读取失败",
};
const OUTCOMES = Object.fromEntries([...byId("outcome").options].map(({ value, text }) => [value, text]));
const BECAME = { created: "已登记", changed: "已更改", skipped: "未登记", undone: "已撤回", left: "未撤回" };

let shown = null; // the id of the import that is looked at
let next = null;

const imports = new Column("imports", {
  path: "/api/imports",
  card: (one) => el("li", { class: "card" },
    el("div", { class: "head" },
      el("h3", { tabindex: "-1" }, `${KINDS[one.kind]}，${one.total} 行`), el("span", { class: "tag" }, STATES[one.state])),
    el("div", { class: "facts" }, whenExactly(one.imported_at)),
    el("div", { class: "actions" }, el("button", { class: "quiet", type: "button", onclick: () => open(one.id) }, "查看"))),
  arrived: (items) => `新增 ${items.length} 次导入`,
});

function say(place, error) {
  if (!(error instanceof Mistake)) throw error;
  [byId(place).textContent, byId(place).hidden] = [error.message, false];
}

const counts = (numbers, names) => Object.entries(numbers ?? {}).filter(([, number]) => number)
  .map(([name, number]) => el("span", {}, `${names[name]} ${number}`));

function show(one) {
  byId("import").hidden = false;
  byId("import-title").textContent = `${KINDS[one.kind]}：${STATES[one.state]}`;
  [byId("progress").max, byId("progress").value] = [one.total, one.done];
  byId("import-progress").textContent = `已读 ${one.done} / ${one.total} 行`;
  byId("import-counts").replaceChildren(...counts(one.outcomes, OUTCOMES), ...counts(one.results, BECAME));
  [byId("import-problem").textContent, byId("import-problem").hidden] = [one.reason?.message ?? "", !one.reason];
  const open = one.state === "previewed";
  byId("import-choice").hidden = byId("apply").hidden = !open;
  byId("discard").hidden = !open && one.state !== "reading";
  byId("undo").hidden = one.state !== "applied";
}

async function open(id) {
  shown = id;
  const one = await get(`/api/imports/${id}`);
  if (shown !== id) return;
  show(one);
  if (one.state === "reading") {
    setTimeout(() => shown === id && open(id).catch((error) => say("import-problem", error)), AGAIN);
    return;
  }
  announce(byId("import-title").textContent);
  byId("import-title").focus();
  await rows();
  await imports.load();
}

async function rows(after = null) {
  const outcome = byId("outcome").value;
  const page = await get(`/api/imports/${shown}/rows?${new URLSearchParams({ ...(outcome && { outcome }), ...(after && { after }) })}`);
  next = page.next;
  const cards = page.items.map((row) => el("li", { class: "card" },
    el("div", { class: "head" },
      el("h3", {}, `第 ${row.line} 行${row.title ? `：${row.title}` : ""}`),
      el("span", { class: row.outcome === "wrong" ? "tag urgent" : "tag" }, BECAME[row.became] ?? OUTCOMES[row.outcome])),
    ...row.reasons.map(({ cell, column, message }) => el("p", {}, [cell, column, message].filter(Boolean).join(" · "))),
    row.twin ? el("p", { class: "faint" }, `与第 ${row.twin} 行相同`) : null));
  byId("rows")[after ? "append" : "replaceChildren"](...cards);
  byId("rows-more").hidden = next === null;
}

function decide(button, path, body) {
  byId(button).addEventListener("click", (event) => busy(event.target, async () => {
    try {
      await post(`/api/imports/${shown}/${path}`, body(), newKey());
      await open(shown);
    } catch (error) {
      say("import-problem", error);
    }
  }));
}

decide("apply", "apply", () => Object.fromEntries(
  [...byId("import-choice").querySelectorAll("input")].map((one) => [one.name, one.checked])));
decide("discard", "discard", () => ({}));
decide("undo", "undo", () => ({}));

byId("upload").addEventListener("submit", (event) => {
  event.preventDefault();
  busy(event.submitter, async () => {
    byId("upload-problem").hidden = true;
    try {
      const made = await upload("/api/imports/previews", new FormData(event.target), newKey());
      event.target.reset();
      byId("rows").replaceChildren();
      await open(made.id);
    } catch (error) {
      say("upload-problem", error);
    }
  });
});
byId("outcome").addEventListener("change", () => rows().catch((error) => say("import-problem", error)));
byId("rows-more").addEventListener("click", (event) => busy(event.target, () => rows(next).catch((error) => say("import-problem", error))));

await imports.load();
