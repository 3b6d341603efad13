import { quoted } from "./quoted.ts";

/** The times of a cron expression, in UTC: everything at which it is due, spelled out. */
export interface CronTimes {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: readonly number[];
  readonly months: readonly number[];
  /** 0 is Sunday. */
  readonly weekdays: readonly number[];
  /**
   * cron's rule for the two fields of days: where both say something, a day that fits either is due; where one begins with
   * a star, a day has to fit both.
   */
  readonly dayRule: "both" | "either";
}

export type CronReading =
  | { readonly ok: true; readonly times: CronTimes }
  /** Reads after the expression: `"0 3 * *" has 4 fields: …`. */
  | { readonly ok: false; readonly reason: string };

/** Reads an expression of five fields: numbers and names, lists, ranges and steps. Anything that cron only may take is refused. */
export function readCron(expression: string): CronReading {
  const words = expression.trim().split(/\s+/);
  if (expression.trim().startsWith("@")) return refused("is a nickname: write the five fields, such as 0 3 * * *");
  if (words.length !== fields.length) {
    return refused(`has ${words.length} field${words.length === 1 ? "" : "s"}: ${fieldNames} are wanted`);
  }
  const read = fields.map((field, index) => readField(words[index] ?? "", field));
  const wrong = read.find((one) => typeof one === "string");
  if (wrong !== undefined) return refused(wrong);
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = read as readonly (readonly number[])[];
  const isOpen = [words[2], words[4]].some((word) => word?.startsWith("*"));
  const times: CronTimes = { minutes, hours, days, months, weekdays, dayRule: isOpen ? "both" : "either" };
  return dueDays(times).next().done
    ? refused("is never due: no month that it names has such a day")
    : { ok: true, times };
}

const refused = (reason: string): CronReading => ({ ok: false, reason });

/** The longest time between two moments at which the expression is due. */
export function longestGapMs(times: CronTimes): number {
  const inOrder = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
  const moments = inOrder(times.hours.flatMap((hour) => times.minutes.map((minute) => hour * 60 + minute)));
  const within = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
  const overnight = MINUTES_OF_DAY - (moments.at(-1) ?? 0) + (moments[0] ?? 0);
  let longestDays = 0;
  let before: number | undefined;
  for (const day of dueDays(times)) {
    longestDays = Math.max(longestDays, before === undefined ? 0 : day - before);
    before = day;
  }
  const betweenDays = (longestDays - 1) * MINUTES_OF_DAY + overnight;
  return Math.max(betweenDays, ...within) * 60_000;
}

const MINUTES_OF_DAY = 24 * 60;

/** Whether the expression is due in the minute of that moment. */
export const isDue = (times: CronTimes, at: Date): boolean =>
  times.minutes.includes(at.getUTCMinutes()) && times.hours.includes(at.getUTCHours()) && isDueDay(times, at);

function isDueDay({ days, months, weekdays, dayRule }: CronTimes, at: Date): boolean {
  if (!months.includes(at.getUTCMonth() + 1)) return false;
  const [isDay, isWeekday] = [days.includes(at.getUTCDate()), weekdays.includes(at.getUTCDay())];
  return dayRule === "either" ? isDay || isWeekday : isDay && isWeekday;
}

/**
 * The numbers of the days that are due, over two rounds of the calendar: leap years and days of the week come round every
 * 28 years, as long as no century interferes.
 */
function* dueDays(times: CronTimes): Generator<number> {
  const first = Date.UTC(2000, 0, 1);
  for (let day = 0; day < 2 * 28 * 366; day++) {
    if (isDueDay(times, new Date(first + day * MINUTES_OF_DAY * 60_000))) yield day;
  }
}

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** In the place of numbers, in any case. */
  readonly words?: readonly string[];
}

const minute: Field = { name: "minute", from: 0, to: 59 };
const hour: Field = { name: "hour", from: 0, to: 23 };
const day: Field = { name: "day of the month", from: 1, to: 31 };
const month: Field = {
  name: "month",
  from: 1,
  to: 12,
  words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
/** Sunday is 0 and 7, so that a range may end with it. */
const weekday: Field = {
  name: "day of the week",
  from: 0,
  to: 7,
  words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

const fields: readonly Field[] = [minute, hour, day, month, weekday];

const fieldNames = "minute, hour, day of the month, month and day of the week";

/** The numbers of a field, or why it is not one. */
function readField(word: string, field: Field): readonly number[] | string {
  const parts = word.split(",").map((part) => readPart(part, field));
  const wrong = parts.find((part) => typeof part === "string");
  if (typeof wrong === "string") return `has ${quoted(word)} for the ${field.name}: ${wrong}`;
  const numbers = parts.flat().map((number) => (field === weekday ? Number(number) % 7 : Number(number)));
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

/** `*`, `5`, `1-5`, and the latter two kinds of range with a step behind them. */
function readPart(part: string, field: Field): readonly number[] | string {
  const [, range = "", step] = /^([^/]*)(?:\/(.*))?$/.exec(part) ?? [];
  const ends = readRange(range, field);
  if (typeof ends === "string") return ends;
  const [from, to] = ends;
  if (step === undefined) return every(1, from, to);
  if (!/^\d+$/.test(step) || Number(step) < 1) return `${quoted(step)} is no step: write */5`;
  if (from === to) return `a step needs a range before it: write ${from}-${last(field)}/${step}`;
  if (Number(step) > to - from) return `a step of ${step} is more than there is from ${from} to ${to}`;
  return every(Number(step), from, to);
}

function readRange(range: string, field: Field): readonly [number, number] | string {
  if (range === "*") return [field.from, last(field)];
  const [first = "", end, ...more] = range.split("-");
  const from = numberOf(first, field);
  const to = end === undefined ? from : numberOf(end, field);
  if (from === undefined || to === undefined || more.length > 0) {
    const words = field.words === undefined ? "" : `, or ${field.words[0]} to ${field.words.at(-1)}`;
    return `${field.from} to ${field.to}${words} is wanted`;
  }
  // From Friday to Sunday: at the end of a range, Sunday is the seventh day.
  const until = field === weekday && to === 0 && from > 0 ? 7 : to;
  return until < from ? `${range} ends before it begins` : [from, until];
}

/** The last number of a field that stands for something of its own. */
const last = (field: Field): number => (field === weekday ? 6 : field.to);

function numberOf(text: string, { from, to, words = [] }: Field): number | undefined {
  const word = words.indexOf(text.toLowerCase());
  if (word >= 0) return word + from;
  const number = Number(text);
  return /^\d{1,2}$/.test(text) && number >= from && number <= to ? number : undefined;
}

const every = (step: number, from: number, to: number): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => from + index * step);
