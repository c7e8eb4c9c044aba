// Small helpers for building what is shown. Text is always set as text, never as markup.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

export const byId = (id) => document.getElementById(id);

const dayAndTime = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});

const exactly = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai", dateStyle: "long", timeStyle: "medium", hourCycle: "h23",
});

export function when(moment) {
  return el("time", { datetime: moment }, dayAndTime.format(new Date(moment)));
}

const dayAlone = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", dateStyle: "long" });

/** The day of a moment, with its year. */
export function onDay(moment) {
  return el("time", { datetime: moment }, dayAlone.format(new Date(moment)));
}

/** A moment with its year and seconds, for what has to be proved. */
export function whenExactly(moment) {
  return el("time", { datetime: moment }, exactly.format(new Date(moment)));
}

export function span(from, until) {
  if (!from && !until) return null;
  return el("span", {}, from ? when(from) : "现在", " 至 ", until ? when(until) : "长期");
}

let saying;
/** Say something to people who use a screen reader; what comes in quick succession is said once. */
export function announce(text) {
  clearTimeout(saying);
  saying = setTimeout(() => { byId("announce").textContent = text; }, 400);
}

/** Run an action of a button once at a time. */
export async function busy(button, action) {
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  try {
    await action();
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

// On a telephone the ways to the pages are wider than the screen: this page's own has to be in sight.
document.querySelector(".ways [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
