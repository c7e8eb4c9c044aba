// Plans of visits: simple choices made into a rule (RFC 5545), and rules put into words where they are simple.
import { dayInWords } from "./days.js";

const WEEKDAYS = { MO: "一", TU: "二", WE: "三", TH: "四", FR: "五", SA: "六", SU: "日" };
const WHICH = { 1: "第一个", 2: "第二个", 3: "第三个", 4: "第四个", 5: "第五个", "-1": "最后一个" };
const ON_HOLIDAYS = { move: "遇节假日顺延", keep: "节假日照常", skip: "遇节假日不去" };

/** The rule of choices; `every` is week, fortnight or month, `until` a day or nothing. */
export function ruleOf({ every, weekday, which, until }) {
  const rule = { week: `FREQ=WEEKLY;BYDAY=${weekday}`, fortnight: `FREQ=WEEKLY;INTERVAL=2;BYDAY=${weekday}` }[every]
    ?? `FREQ=MONTHLY;BYDAY=${which}${weekday}`;
  return until ? `${rule};UNTIL=${until.replaceAll("-", "")}` : rule;
}

/** The choices that make a rule, or null where these choices cannot. */
export function choicesOf(rule) {
  const [, week, fortnight, which, weekday, until] =
    rule.match(/^FREQ=(?:(WEEKLY)(;INTERVAL=2)?|MONTHLY);BYDAY=([1-4]|-1)?(\w\w)(?:;UNTIL=(\d{8}))?$/) ?? [];
  if (!weekday || Boolean(week) === Boolean(which)) return null;
  return {
    every: which ? "month" : fortnight ? "fortnight" : "week", weekday, which: which ?? "1",
    until: until?.replace(/(....)(..)(..)/, "$1-$2-$3") ?? "",
  };
}

export function planInWords(plan) {
  const rule = ruleInWords(plan.rule, plan.first_on) ?? `按规则 ${plan.rule}`;
  const end = plan.last_on ? `，到${dayInWords(plan.last_on)}为止` : "";
  return `${rule} ${plan.visit_time}，每次 ${plan.visit_minutes} 分钟，${ON_HOLIDAYS[plan.on_holidays]}${end}`;
}

/** On which days a rule falls, or null where that cannot be said simply. A rule without days goes by the first one. */
function ruleInWords(rule, firstOn) {
  const { FREQ, INTERVAL = "1", BYDAY, BYMONTHDAY, UNTIL, COUNT, ...others } =
    Object.fromEntries(rule.split(";").map((part) => part.split("=")));
  if (Object.keys(others).length || (BYDAY && BYMONTHDAY)) return null;
  const days = { DAILY: daily, WEEKLY: weekly, MONTHLY: monthly }[FREQ]?.(Number(INTERVAL), BYDAY, BYMONTHDAY, firstOn);
  return days ? days + (COUNT ? `（共 ${COUNT} 次）` : "") : null;
}

const daily = (every, byDay) => (byDay ? null : every === 1 ? "每天" : `每 ${every} 天`);

function weekly(every, byDay, _, firstOn) {
  const codes = byDay?.split(",") ?? [Object.keys(WEEKDAYS).at(new Date(`${firstOn}T12:00:00Z`).getUTCDay() - 1)];
  const days = codes.map((code) => `周${WEEKDAYS[code]}`).join("、");
  return every === 1 ? `每${days}` : `每${every === 2 ? "两" : ` ${every} `}周的${days}`;
}

function monthly(every, byDay, byMonthDay, firstOn) {
  const months = every === 1 ? "每月" : `每 ${every} 个月的`;
  if (!byDay) {
    const days = (byMonthDay ?? String(Number(firstOn.slice(8)))).split(",").map(Number);
    return days.some((day) => day < -1) ? null : months + days.map((day) => (day === -1 ? "最后一天" : ` ${day} 日`)).join("、");
  }
  const words = byDay.split(",").map((one) => {
    const [, number, code] = one.match(/^([+-]?\d)?(\w\w)$/) ?? [];
    return WHICH[Number(number)] && `${WHICH[Number(number)]}周${WEEKDAYS[code]}`;
  });
  return words.every(Boolean) ? months + words.join("、") : null;
}
