// Days of the station, YYYY-MM-DD: those of Asia/Shanghai, wherever somebody looks from.
import { el } from "./dom.js";

const A_DAY = 24 * 3600 * 1000;
const station = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });
const noon = (day) => new Date(`${day}T12:00:00Z`);

export const today = () => station.format(new Date());
export const later = (day, days) => new Date(noon(day).getTime() + days * A_DAY).toISOString().slice(0, 10);
export const daysUntil = (day) => Math.round((noon(day) - noon(today())) / A_DAY);

/** A day as people say it, with its weekday; the year where it is another. */
export function dayInWords(day) {
  const [year, month, date] = day.split("-").map(Number);
  const weekday = `周${"日一二三四五六"[noon(day).getUTCDay()]}`;
  return `${today().startsWith(day.slice(0, 4)) ? "" : `${year}年`}${month}月${date}日 ${weekday}`;
}

export const dayNode = (day, more = "") => el("time", { datetime: day }, dayInWords(day) + more);
