// Rows of a form's timetable, dates and days off: added, taken away, read and filled.
import { byId } from "./dom.js";
import { clockOf, dayOf, endOf, together } from "./times.js";

const LISTS = ["slots", "dates", "days_off"];
const MISSING = { slots: "请选星期，并写明从几点到几点", dates: "请写明日期、从几点到几点和名额", days_off: "请选日期" };

const place = (list) => byId(`offer-${list}-rows`);
const part = (row, name) => row.querySelector(`[data-part=${name}]`);
const days = (row) => [...row.querySelectorAll("[type=checkbox]")];
const isEmpty = (row) => [...row.querySelectorAll("input")].every((input) => (input.type === "checkbox" ? !input.checked : !input.value));
const isWhole = (row) => [...row.querySelectorAll("[data-part]")].every((input) => input.value) && (!days(row).length || days(row).some((day) => day.checked));
const filled = (list) => [...place(list).children].filter((row) => !isEmpty(row));

function add(list, values = {}) {
  const row = byId(`${list}-row`).content.firstElementChild.cloneNode(true);
  for (const [name, value] of Object.entries(values)) if (name !== "weekdays") part(row, name).value = value;
  for (const day of days(row)) day.checked = values.weekdays?.includes(Number(day.value)) ?? false;
  row.querySelector("[data-remove]").addEventListener("click", () => {
    row.remove();
    byId(`offer-${list}`).querySelector("[data-add]").focus();
  });
  place(list).append(row);
  return row;
}

export function setUpRows() {
  for (const list of LISTS) {
    byId(`offer-${list}`).querySelector("[data-add]").addEventListener("click", () => add(list).querySelector("input").focus());
  }
}

/** Show the rows of an offer, or those that one begins with. */
export function fillRows(offer) {
  for (const list of LISTS) place(list).replaceChildren();
  together(offer?.slots ?? []).forEach(({ weekdays, starts, ends }) => add("slots", { weekdays, starts, ends: ends === "24:00" ? "00:00" : ends }));
  (offer?.dates ?? []).forEach(({ starts_at, ends_at, places }) =>
    add("dates", { day: dayOf(starts_at), starts: clockOf(starts_at), ends: clockOf(ends_at), places }));
  (offer?.days_off ?? []).forEach((day) => add("days_off", { day }));
}

/** Give an empty row to write in where there has to be one. */
export function beginRows(list) {
  if (!place(list).children.length) add(list);
}

// A day ends at 24:00, which a field for a time calls 00:00.
export const slots = () => filled("slots").flatMap((row) => days(row).filter((day) => day.checked).map((day) => ({
  weekday: Number(day.value), starts: part(row, "starts").value, ends: part(row, "ends").value === "00:00" ? "24:00" : part(row, "ends").value,
})));

export const dates = () => filled("dates").map((row) => {
  const [day, starts, ends] = ["day", "starts", "ends"].map((name) => part(row, name).value);
  const at = (clock) => `${day}T${clock}:00+08:00`;
  return { starts_at: at(starts), ends_at: ends === "00:00" ? endOf(day) : at(ends), places: Number(part(row, "places").value) };
});

export const daysOff = () => filled("days_off").map((row) => part(row, "day").value);

/** Of these lists, those with a row that is half filled. */
export function halfFilled(lists) {
  return lists.filter((list) => filled(list).some((row) => !isWhole(row))).map((field) => ({ field, message: MISSING[field] }));
}
