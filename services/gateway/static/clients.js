// Who is helped: found by a phone number or in the list, opened beside it, and told apart where two may be one.
import { Asked } from "./asked.js";
import { learnForm, levels } from "./assessment.js";
import { clientCard } from "./client_cards.js";
import { registering } from "./client_form.js";
import { Panel } from "./client_panel.js";
import { announce, byId } from "./dom.js";
import { Duplicates } from "./duplicates.js";
import { lookUp } from "./lookup.js";
import { communityOptions, learnNames } from "./names.js";
import { revealing } from "./reveal.js";

const AN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

await Promise.all([learnNames(), learnForm()]);

const clients = new Asked("clients", {
  path: "/api/clients",
  card: (client) => clientCard(client, { levels, chosen: client.id === panel.id }),
  arrived: (items) => `新增 ${items.length} 位服务对象`,
});
const reveal = revealing({ after: () => panel.looked() });
const register = registering({
  after: (client) => {
    clients.show(client, { first: true, isNew: true });
    if (panel.id === client.id) panel.renew(client.id);
    else location.hash = client.id;
    duplicates.count();
  },
  stale: (client) => panel.renew(client.id),
});
const panel = new Panel({
  reveal, register,
  changed: (client) => { if (clients.items.has(client.id)) clients.show(client, {}); },
});
const duplicates = new Duplicates({ reveal, changed: (ids) => ids.forEach((id) => clients.renew(id)) });

/** The list, with what the filters leave. */
function list() {
  const given = Object.entries(Object.fromEntries(new FormData(byId("narrow")))).filter(([, value]) => value);
  return clients.ask({ query: Object.fromEntries(given) });
}

/** Show what the address names: a client, the pairs that may be one, or else the list. Going back is going back. */
function route() {
  const [where, which] = location.hash.slice(1).split("/");
  const twins = where === "duplicates";
  byId("people").hidden = twins;
  byId("duplicates").hidden = !twins;
  byId(twins ? "to-duplicates" : "to-people").setAttribute("aria-current", "true");
  byId(twins ? "to-people" : "to-duplicates").removeAttribute("aria-current");
  if (twins) duplicates.open(AN_ID.test(which) ? which : null);
  else if (AN_ID.test(where)) open(where);
  else close();
}

function open(id) {
  byId("people").dataset.open = id;
  panel.open(id);
  mark(id);
}

function close() {
  const before = panel.id;
  delete byId("people").dataset.open;
  panel.close();
  mark(null);
  if (before) (document.querySelector(`.list a[href="#${before}"]`) ?? byId("to-people")).focus();
}

/** Mark in the list who is open. */
function mark(id) {
  for (const link of document.querySelectorAll(".list h3 a")) {
    if (link.hash === `#${id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

lookUp({ levels, onRegister: (known) => register({ known }) });
byId("open-form").addEventListener("click", () => register({}));
byId("panel-back").addEventListener("click", () => { location.hash = "people"; });
byId("narrow-community").append(...communityOptions());
byId("narrow").addEventListener("change", async () => {
  await list();
  announce(`名册：${byId("clients-count").textContent || "0"} 位`);
});
byId("narrow").addEventListener("submit", (event) => event.preventDefault());
addEventListener("hashchange", route);

route();
await Promise.all([list(), duplicates.count()]);
