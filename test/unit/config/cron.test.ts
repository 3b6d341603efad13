import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type CronTimes, isDue, longestGapMs, readCron } from "../../../provider/config/cron.ts";

function timesOf(expression: string): CronTimes {
  const reading = readCron(expression);
  if (!reading.ok) throw new Error(`${expression} ${reading.reason}`);
  return reading.times;
}

const reasonOf = (expression: string): string | undefined => {
  const reading = readCron(expression);
  return reading.ok ? undefined : reading.reason;
};

const HOUR_MS = 3_600_000;

describe("readCron()", () => {
  it("spells out stars, numbers, lists, ranges and steps", () => {
    expect(timesOf("5,35 0-4/2 */10 1,3-4 *")).toEqual({
      minutes: [5, 35],
      hours: [0, 2, 4],
      days: [1, 11, 21, 31],
      months: [1, 3, 4],
      weekdays: [0, 1, 2, 3, 4, 5, 6],
      dayRule: "both",
    });
  });

  it("knows months and days by their names, however they are written", () => {
    const { months, weekdays } = timesOf("0 0 * JAN,dec Mon-fri");

    expect({ months, weekdays }).toEqual({ months: [1, 12], weekdays: [1, 2, 3, 4, 5] });
  });

  it.each([
    ["0 0 * * 7", [0]],
    ["0 0 * * sun", [0]],
    ["0 0 * * 5-7", [0, 5, 6]],
    ["0 0 * * fri-sun", [0, 5, 6]],
    ["0 0 * * 0-6", [0, 1, 2, 3, 4, 5, 6]],
  ])("takes Sunday for the first day and the seventh: %s", (expression, weekdays) => {
    expect(timesOf(expression).weekdays).toEqual(weekdays);
  });

  it("lets a day fit one of two fields that both say something", () => {
    const times = timesOf("0 0 13 * fri");

    expect(isDue(times, new Date("2026-11-13T00:00:00Z"))).toBe(true);
    expect(isDue(times, new Date("2026-11-20T00:00:00Z"))).toBe(true);
    expect(isDue(times, new Date("2026-12-13T00:00:00Z"))).toBe(true);
    expect(isDue(times, new Date("2026-12-14T00:00:00Z"))).toBe(false);
  });

  it("asks for both where one begins with a star", () => {
    const times = timesOf("0 0 */2 * mon");

    expect(isDue(times, new Date("2026-11-23T00:00:00Z"))).toBe(true);
    expect(isDue(times, new Date("2026-11-16T00:00:00Z"))).toBe(false);
  });

  it.each([
    ["", "has 1 field: minute, hour, day of the month, month and day of the week are wanted"],
    ["0 3 * *", "has 4 fields: minute, hour, day of the month, month and day of the week are wanted"],
    ["0 0 3 * * *", "has 6 fields: minute, hour, day of the month, month and day of the week are wanted"],
    ["@daily", "is a nickname: write the five fields, such as 0 3 * * *"],
    ["60 3 * * *", 'has "60" for the minute: 0 to 59 is wanted'],
    ["0 24 * * *", 'has "24" for the hour: 0 to 23 is wanted'],
    ["0 3 0 * *", 'has "0" for the day of the month: 1 to 31 is wanted'],
    ["0 3 * 13 *", 'has "13" for the month: 1 to 12, or jan to dec is wanted'],
    ["0 3 * * monday", 'has "monday" for the day of the week: 0 to 7, or sun to sat is wanted'],
    ["0 3 * * 8", 'has "8" for the day of the week: 0 to 7, or sun to sat is wanted'],
    ["0 22-2 * * *", 'has "22-2" for the hour: 22-2 ends before it begins'],
    ["1-2-3 3 * * *", 'has "1-2-3" for the minute: 0 to 59 is wanted'],
    ["1, 3 * * *", 'has "1," for the minute: 0 to 59 is wanted'],
    ["5/15 * * * *", 'has "5/15" for the minute: a step needs a range before it: write 5-59/15'],
    ["*/0 * * * *", 'has "*/0" for the minute: "0" is no step: write */5'],
    ["*/ * * * *", 'has "*/" for the minute: "" is no step: write */5'],
    ["*/90 * * * *", 'has "*/90" for the minute: a step of 90 is more than there is from 0 to 59'],
    ["-5 * * * *", 'has "-5" for the minute: 0 to 59 is wanted'],
    ["0 0 30 2 *", "is never due: no month that it names has such a day"],
    ["0 0 31 4,6,9,11 *", "is never due: no month that it names has such a day"],
  ])("refuses %j", (expression, reason) => {
    expect(reasonOf(expression)).toBe(reason);
  });

  it("takes the day that only leap years have", () => {
    expect(isDue(timesOf("0 0 29 2 *"), new Date("2028-02-29T00:00:00Z"))).toBe(true);
  });
});

describe("longestGapMs()", () => {
  it.each([
    ["* * * * *", 1 / 60],
    ["*/15 * * * *", 1 / 4],
    ["0 */6 * * *", 6],
    ["30 3 * * *", 24],
    ["0 8,12,18 * * *", 14],
    ["0 8,12,18 * * mon-fri", 62],
    ["0 3 * * sun", 7 * 24],
    ["0 3 1 * *", 31 * 24],
    ["0 0 29 2 *", (4 * 365 + 1) * 24],
  ])("is, of %s, as long as nothing is due", (expression, hours) => {
    expect(longestGapMs(timesOf(expression))).toBe(hours * HOUR_MS);
  });
});

describe("an expression made of numbers", () => {
  const someOf = (from: number, to: number) =>
    fc.uniqueArray(fc.integer({ min: from, max: to }), { minLength: 1, maxLength: 5 });
  const field = (from: number, to: number) =>
    fc.oneof(
      fc.constant({ text: "*", fits: () => true, isStar: true }),
      someOf(from, to).map((numbers) => ({
        text: numbers.join(),
        fits: (number: number) => numbers.includes(number),
        isStar: false,
      })),
      fc.tuple(fc.integer({ min: from, max: to }), fc.integer({ min: from, max: to })).map(([a, b]) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        return { text: `${low}-${high}`, fits: (number: number) => number >= low && number <= high, isStar: false };
      }),
      fc.integer({ min: 1, max: to - from }).map((step) => ({
        text: `*/${step}`,
        fits: (number: number) => (number - from) % step === 0,
        isStar: true,
      })),
    );
  const expression = fc.tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6));
  const moment = fc.date({
    min: new Date("2026-01-01T00:00:00Z"),
    max: new Date("2034-12-31T23:59:59Z"),
    noInvalidDate: true,
  });

  it("is due when cron would say so", () => {
    fc.assert(
      fc.property(expression, moment, ([minute, hour, day, month, weekday], at) => {
        const reading = readCron([minute, hour, day, month, weekday].map(({ text }) => text).join(" "));
        fc.pre(reading.ok);
        const [fitsDay, fitsWeekday] = [day.fits(at.getUTCDate()), weekday.fits(at.getUTCDay())];
        const isDay = day.isStar || weekday.isStar ? fitsDay && fitsWeekday : fitsDay || fitsWeekday;

        const isExpected =
          minute.fits(at.getUTCMinutes()) && hour.fits(at.getUTCHours()) && month.fits(at.getUTCMonth() + 1) && isDay;

        expect(isDue(reading.times, at)).toBe(isExpected);
      }),
    );
  });

  it("is due again before the longest gap is over", () => {
    const often = fc.tuple(field(0, 59), field(0, 23), fc.constant("*"), fc.constant("*"), field(0, 6));
    fc.assert(
      fc.property(often, moment, ([minute, hour, day, month, weekday], from) => {
        const times = timesOf([minute.text, hour.text, day, month, weekday.text].join(" "));
        const gap = longestGapMs(times);
        const start = Math.floor(from.getTime() / 60_000) * 60_000;
        const due = Array.from({ length: gap / 60_000 }, (_, index) => new Date(start + index * 60_000));

        expect(due.some((at) => isDue(times, at))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("holds nothing that a shell would read, and only numbers of its fields, whenever it is taken", () => {
    const character = fc.constantFrom(..."*/-,0123456789 \t$`;\"'\n\\&|<>(){}mon");
    fc.assert(
      fc.property(expression, character, fc.double({ min: 0, max: 1, noNaN: true }), (fields, inserted, part) => {
        const plain = fields.map(({ text }) => text).join(" ");
        const at = Math.floor(part * (plain.length + 1));
        const text = plain.slice(0, at) + inserted + plain.slice(at);
        const reading = readCron(text);
        if (!reading.ok) return;
        const { minutes, hours, days, months, weekdays } = reading.times;

        expect(text).toMatch(/^[\sa-zA-Z0-9*/,-]*$/);
        for (const [numbers, from, to] of [
          [minutes, 0, 59],
          [hours, 0, 23],
          [days, 1, 31],
          [months, 1, 12],
          [weekdays, 0, 6],
        ] as const) {
          expect(numbers.length).toBeGreaterThan(0);
          expect(numbers.every((number) => Number.isInteger(number) && number >= from && number <= to)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
