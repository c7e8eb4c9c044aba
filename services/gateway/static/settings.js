// What a station sets itself: weights of the score, rules of claims, holidays, and the words of categories.
import { Mistake, get, newKey, patch, post } from "./api.js";
import { announce, busy, byId, el } from "./dom.js";
import { categories, categoryOptions, learnNames, option } from "./names.js";

const list = (text) => text.split(/[、，,；;\n]/).map((word) => word.trim()).filter(Boolean);
const fieldsOf = (id) => [...byId(id).querySelectorAll("[name]")];

function mark(field, message) {
  field.removeAttribute("aria-invalid");
  if (message) field.setAttribute("aria-invalid", "true");
  byId(`${field.id}-error`).textContent = message;
}

/** Carry something out for a section; a refusal is said at its field, or else below the section. */
async function attempt(id, action) {
  const alert = byId(id).querySelector(":scope > .alert");
  alert.hidden = true;
  fieldsOf(id).forEach((field) => mark(field, ""));
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Mistake)) throw error;
    const wrong = fieldsOf(id).filter((field) => {
      const found = error.errors.find((one) => one.field.split(".")[0] === field.name);
      if (found) mark(field, found.message);
      return found;
    });
    wrong[0]?.focus();
    [alert.textContent, alert.hidden] = [error.message, wrong.length > 0];
  }
}

function submits(id, action) {
  byId(id).querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    const missing = fieldsOf(id).filter((field) => field.required && !field.value.trim());
    missing.forEach((field) => mark(field, "请填写"));
    if (missing.length) missing[0].focus();
    else busy(event.submitter, () => attempt(id, () => action(event.target.elements)));
  });
}

const values = (elements, names) => Object.fromEntries(names.map((name) => [name, Number(elements[name].value)]));

// Weights

async function showWeights() {
  const { items } = await get("/api/weights");
  // The least score is a threshold; it is no part of a score.
  const sum = items.reduce((total, { part, points }) => total + (part === "least_score" ? 0 : Math.max(points, 0)), 0);
  byId("weights-sum").textContent = `加分的部分合计 ${sum} 分，还可以加 ${100 - sum} 分。`;
  byId("weights-list").replaceChildren(...items.map((weight) => {
    const input = el("input", {
      id: `weight-${weight.part}`, type: "number", inputmode: "numeric", min: weight.least, max: weight.most, value: weight.points,
    });
    const save = el("button", { type: "submit", class: "quiet", "aria-label": `保存：${weight.about}` }, "保存");
    return el("li", {}, el("form", {
      novalidate: "", onsubmit: (event) => {
        event.preventDefault();
        busy(save, () => attempt("weights", async () => {
          await patch("/api/weights", { part: weight.part, points: Number(input.value), version: weight.version });
          await showWeights();
          announce("已保存");
          byId(input.id).focus();
        }));
      },
    }, el("label", { for: input.id }, weight.about, el("span", { class: "faint small" }, ` ${weight.least} 至 ${weight.most} 分`)), input, save));
  }));
  byId("weights-list").setAttribute("aria-busy", "false");
}

// Rules of claims

const RULES = ["remind_after_days", "lapse_after_days", "most_live"];
let rules;

async function showRules() {
  rules = await get("/api/claim-rules");
  for (const name of RULES) byId(`rules-${name}`).value = rules[name];
}

submits("rules", async (elements) => {
  await patch("/api/claim-rules", { version: rules.version, ...values(elements, RULES) });
  await showRules();
  announce("规则已保存");
});

// Holidays

const KINDS = { holiday: "放假", workday: "上班" };
const thisYear = new Date().getFullYear();
byId("holidays-year").append(...[thisYear, thisYear + 1].map((year) => option(year, `${year} 年`)));

async function showHolidays() {
  const year = byId("holidays-year").value;
  const { items, published } = await get(`/api/holidays?year=${year}`);
  byId("holidays-state").textContent = published ? "国务院公布的安排已经收录。" : "国务院的安排还没有收录，先按法定节假日算。";
  byId("holidays-list").replaceChildren(...items.map(({ day, kind, name, entered }) => el("li", {
    class: kind === "workday" ? "tag soon" : "tag",
  }, `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日 ${name} ${KINDS[kind]}${entered ? "（登记）" : ""}`)));
}

submits("holidays", async (elements) => {
  const { day, kind, name } = elements;
  await post("/api/holidays", { day: day.value, kind: kind.value, name: name.value.trim() }, newKey());
  announce("已登记");
  if ([...byId("holidays-year").options].some(({ value }) => value === day.value.slice(0, 4))) byId("holidays-year").value = day.value.slice(0, 4);
  [day.value, name.value] = ["", ""];
  await showHolidays();
});
byId("holidays-year").addEventListener("change", () => attempt("holidays", showHolidays));

// Words of categories

let category;

async function showWords(code) {
  const form = byId("words").querySelector("form");
  form.hidden = !code;
  if (!code) return;
  category = await get(`/api/category?${new URLSearchParams({ code })}`);
  byId("words-name").value = category.name;
  byId("words-synonyms").value = category.synonyms.join("、");
  byId("words-things").value = category.things.map(({ name, words }) => (words.length ? `${name}：${words.join("、")}` : name)).join("\n");
  for (const one of byId("words-related").options) one.selected = category.related.includes(one.value);
}

/** Read a line such as 棉被：被子、被窝. */
function thing(line) {
  const [, name, words] = /^([^：:]*)[：:]?(.*)$/.exec(line);
  return { name: name.trim(), words: list(words) };
}

submits("words", async ({ name, synonyms, related, things }) => {
  category = await patch("/api/categories", {
    code: category.code,
    version: category.version,
    name: name.value.trim(),
    synonyms: list(synonyms.value),
    related: [...related.selectedOptions].map(({ value }) => value),
    things: things.value.split("\n").filter((line) => line.trim()).map(thing),
  });
  announce(`已保存：${category.name}`);
});
byId("words-choice").addEventListener("change", (event) => attempt("words", () => showWords(event.target.value)));

await learnNames();
byId("words-choice").append(...categoryOptions());
byId("words-related").append(...[...categories.values()].filter(({ parent }) => parent).map(({ code, name }) => option(code, name)));
await Promise.all([
  attempt("weights", showWeights), attempt("rules", showRules), attempt("holidays", showHolidays),
]);
