/* The days of the period's presets, such as "last7"; queries/period.py says the same in Python.

   Given: the store's status: `today`, and `everything`, the days with data of each basis, on the
   calendar of the deployment's time zone.
   Gives: `presetPeriod(name, status, basis)`, the first and the last day; `chosenPreset(name, status,
   basis)`, the same as the period of the filters, { start, end, preset }.
   Example: presetPeriod("last7", { today: "2026-11-22" }) is ["2026-11-16", "2026-11-22"]. */
const { movedBy } = require("./dates");

/* Returns how many days lie between a day and the Monday of its week. */
const sinceMonday = (day) => (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;

function presetPeriod(name, { today, everything }, basis) {
  const monthStart = `${today.slice(0, 8)}01`;
  const monday = movedBy(today, -sinceMonday(today));
  switch (name) {
    case "today":
      return [today, today];
    case "yesterday":
      return [movedBy(today, -1), movedBy(today, -1)];
    case "last7":
      return [movedBy(today, -6), today];
    case "last30":
      return [movedBy(today, -29), today];
    case "last90":
      return [movedBy(today, -89), today];
    case "this_week":
      return [monday, today];
    case "last_week":
      return [movedBy(monday, -7), movedBy(monday, -1)];
    case "this_month":
      return [monthStart, today];
    case "last_month": {
      const end = movedBy(monthStart, -1);
      return [`${end.slice(0, 8)}01`, end];
    }
    default:
      return everything[basis];
  }
}

function chosenPreset(name, status, basis) {
  const [start, end] = presetPeriod(name, status, basis);
  return { start, end, preset: name };
}

module.exports = { chosenPreset, presetPeriod };
