/* Checks, moves and writes days, which are texts of ISO 8601 as "2026-11-05", without time and zone.

   Given: the first and the last year of a period, by `constants`.
   Gives: `isDay(text)`, whether a text is a day of those years; `isInCalendar(text)`, the same for any
   year; `isInYears(year)`; `movedBy(day, days)`, the day so many days later, earlier for a negative
   number; `writtenDay(text)`, a day as day/month/year, and any other text unchanged.
   Example: movedBy("2026-02-28", 1) is "2026-03-01"; writtenDay("2026-11-05") is "05/11/2026". */
const { years } = require("./constants");

const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;

/* Returns whether the calendar has this day; Date would take 30 February for 2 March. */
function isInCalendar(text) {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().slice(0, 10) === text;
}

const isInYears = (year) => year >= years.first && year <= years.last;

function isDay(text) {
  return ISO_DAY.test(text || "") && isInCalendar(text) && isInYears(Number(text.slice(0, 4)));
}

function movedBy(day, days) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

const writtenDay = (text) => (ISO_DAY.test(text) ? text.split("-").reverse().join("/") : text);

module.exports = { isDay, isInCalendar, isInYears, movedBy, writtenDay };
