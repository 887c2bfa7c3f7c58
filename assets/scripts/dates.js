/* Days as texts of ISO 8601, "2026-11-05". Days have no time and no zone here.

   Given: the years that the page knows, by `constants`.
   Gives: `isDay(text)`, whether a text is a day of those years; `movedBy(day, days)`, a day some days
   later; `writtenDay(text)`, a day as people write it, and any other text as it is.
   Example: movedBy("2026-02-28", 1) is "2026-03-01"; writtenDay("2026-11-05") is "05/11/2026". */
const { years } = require("./constants");

const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;

/* Whether a calendar has this day: a browser makes 1 March of 30 February. */
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
