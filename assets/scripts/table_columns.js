/* Decides which columns the table shows, and in which order.

   Given: the columns of components/panels/details.py, by `constants`; the chosen ones.
   Gives: `inOrder(names)`, known columns in the table's order; `isDefaultColumns(names)`, whether these
   are the columns that are shown at first; to callbacks/table.py `shownColumns(given)`, the definitions
   of the columns to show.
   Example: inOrder(["sent_at", "status"]) is ["status", "sent_at"]. */
const { table } = require("./constants");
const { conditions } = require("./column_filters");
const { keep } = require("./dash");
const { same } = require("./values");

const inOrder = (names) => table.columns.filter((name) => names.includes(name));

const isDefaultColumns = (names) => same(inOrder(names), table.defaults);

/* Returns the definitions of the first, the chosen and the filtered columns. A filtered column is always
   shown, so that its filter can be seen; Dash's table takes a filter of an absent column for an error.
   While the status of failures is selected, so is the column that says why they failed. */
function shownColumns({ chosen, filterQuery, applied, all, before }) {
  const filtered = conditions(filterQuery || "").map(([column]) => column);
  const failed = applied?.raw.status?.includes("failed") ? [table.failure] : [];
  const wanted = [table.first, ...chosen, ...filtered, ...failed];
  const shown = all.filter(({ id }) => wanted.includes(id));
  return same(shown, before) ? keep() : shown;
}

module.exports = { inOrder, isDefaultColumns, shownColumns };
