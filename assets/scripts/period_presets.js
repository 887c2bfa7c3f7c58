/* The days of the period menu's shortcuts, whose names are in components/period_presets.py.

   Given: the store's status: `today`, and the `oldest` and `newest` day with data (null without data),
   on the calendar of the deployment's time zone.
   Gives: `presetPeriod(name, status)`, the first and the last day; any unknown name is "all", the days
   from the oldest to the newest.
   Example: presetPeriod("last7", { today: "2026-11-22" }) is ["2026-11-16", "2026-11-22"]. */
const { movedBy } = require("./dates");

function presetPeriod(name, status) {
  const { today } = status;
  const monthStart = `${today.slice(0, 8)}01`;
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
    case "this_month":
      return [monthStart, today];
    case "last_month": {
      const end = movedBy(monthStart, -1);
      return [`${end.slice(0, 8)}01`, end];
    }
    default:
      return [status.oldest || today, status.newest || today];
  }
}

module.exports = { presetPeriod };
