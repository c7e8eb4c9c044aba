// Who looked at whose private data: when, what for, and everything that one person looked at.
import { revealCard } from "./cards.js";
import { Column } from "./column.js";
import { byId } from "./dom.js";
import { learnNames, names } from "./names.js";

const A_DAY = 24 * 3600 * 1000;
let person = null;

const records = new Column("reveals", {
  path: "/api/reveals",
  card: (record) => revealCard(record, names, { onPerson: only }),
  arrived: (items) => `新增 ${items.length} 条记录`,
});

// Days are the station's, and the last one counts whole.
const beginOf = (day) => new Date(`${day}T00:00:00+08:00`);

function ask() {
  const { since, until } = Object.fromEntries(new FormData(byId("filter")));
  records.query = {
    ...(since && { since: beginOf(since).toISOString() }),
    ...(until && { until: new Date(beginOf(until).getTime() + A_DAY).toISOString() }),
    ...(person && { revealed_by: person.revealed_by }),
  };
  byId("everybody").hidden = !person;
  byId("everybody").textContent = person ? `只看 ${person.who} 的，改看所有人` : "";
  records.clear();
  records.loaded = false;
  return records.load();
}

function only(record) {
  person = record;
  ask();
}

byId("filter").addEventListener("submit", (event) => {
  event.preventDefault();
  ask();
});
byId("everybody").addEventListener("click", () => only(null));

await learnNames();
await ask();
