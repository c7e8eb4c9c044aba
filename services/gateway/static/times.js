// Days and times of offers: in plain words, and as the moments of the station's time that they are.

const A_DAY = 24 * 3600 * 1000;
const WEEK = "一二三四五六日";
const SHOWN = 3; // dates that are named one by one
const dayFormat = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });
const clockFormat = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit" });

export const dayOf = (moment) => dayFormat.format(new Date(moment));
export const clockOf = (moment) => clockFormat.format(new Date(moment));
export const today = () => dayOf(Date.now());

// A day is whole: what ends on it ends when the next one begins.
export const beginOf = (day) => (day ? `${day}T00:00:00+08:00` : null);
export const endOf = (day) => (day ? new Date(Date.parse(beginOf(day)) + A_DAY).toISOString() : null);
export const lastDayOf = (end) => dayOf(Date.parse(end) - 1);

export function sayDay(day) {
  const [year, month, date] = day.split("-").map(Number);
  return `${today().startsWith(`${year}-`) ? "" : `${year}年`}${month}月${date}日`;
}

/** Slots of a timetable, those at the same time of day together: {starts, ends, weekdays}. */
export function together(slots) {
  const rows = new Map();
  for (const { weekday, starts, ends } of slots) {
    const key = `${starts} ${ends}`;
    if (!rows.has(key)) rows.set(key, { starts, ends, weekdays: [] });
    rows.get(key).weekdays.push(weekday);
  }
  return [...rows.values()];
}

function sayWeekdays(weekdays) {
  const [first, last] = [weekdays[0], weekdays.at(-1)];
  if (weekdays.length === 7) return "每天";
  if (weekdays.length > 2 && last - first + 1 === weekdays.length) return `每周${WEEK[first - 1]}至周${WEEK[last - 1]}`;
  return `每周${weekdays.map((day) => WEEK[day - 1]).join("、")}`;
}

function sayDate({ starts_at, ends_at, places }, unit) {
  const [first, last] = [dayOf(starts_at), dayOf(ends_at)];
  return `${sayDay(first)} ${clockOf(starts_at)}—${first === last ? "" : sayDay(last)}${clockOf(ends_at)}（${places} ${unit}）`;
}

function sayDates(dates, unit) {
  const coming = dates.filter(({ ends_at }) => Date.parse(ends_at) > Date.now());
  if (dates.length && !coming.length) return ["日期都已经过去"];
  const rest = coming.length - SHOWN;
  return [...coming.slice(0, SHOWN).map((date) => sayDate(date, unit)), ...(rest > 0 ? [`另有 ${rest} 个日期`] : [])];
}

function sayDaysOff(days) {
  const coming = days.filter((day) => day >= today());
  if (!coming.length) return [];
  return [`停用：${coming.slice(0, SHOWN).map(sayDay).join("、")}${coming.length > SHOWN ? ` 等 ${coming.length} 天` : ""}`];
}

const isWhole = (moment) => clockOf(moment) === "00:00";

function sayValidity(from, until) {
  const start = from && sayDay(dayOf(from)) + (isWhole(from) ? "" : ` ${clockOf(from)}`);
  const end = until && (isWhole(until) ? sayDay(lastDayOf(until)) : `${sayDay(dayOf(until))} ${clockOf(until)}`);
  if (start && end) return [`${start}至${end}`];
  return start ? [`${start}起`] : end ? [`到${end}为止`] : [];
}

/** When an offer is to be had, in plain words, one line for each. */
export function sayTimes(offer) {
  return [
    ...together(offer.slots).map(({ weekdays, starts, ends }) => `${sayWeekdays(weekdays)} ${starts}—${ends}`),
    ...sayDates(offer.dates, offer.unit),
    ...sayDaysOff(offer.days_off),
    ...sayValidity(offer.starts_at, offer.ends_at),
    ...(offer.expires_on ? [`保质期至${sayDay(offer.expires_on)}`] : []),
  ];
}
