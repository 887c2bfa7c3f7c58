/* Which columns the table shows.

   Given: the columns of components/panels/details.py, by `constants`; what is chosen of them.
   Gives: `inOrder(names)`, columns in the order that the table has; `isDefaultColumns(names)`;
   to callbacks/table.py `shownColumns`, the definitions of the columns to show.
   Example: inOrder(["sent_at", "status"]) is ["status", "sent_at"]. */
const { table } = require("./constants");
const { conditions } = require("./column_filters");
const { keep } = require("./dash");
const { same } = require("./values");

const inOrder = (names) => table.columns.filter((name) => names.includes(name));

const isDefaultColumns = (names) => same(inOrder(names), table.defaults);

/* The columns that are chosen, and those that are filtered: a filter has to be seen where it is, and
   the table takes one of a column that it does not have for a mistake. */
function shownColumns({ chosen, filterQuery, all, before }) {
  const filtered = conditions(filterQuery || "").map(([column]) => column);
  const wanted = [table.first, ...chosen, ...filtered];
  const shown = all.filter(({ id }) => wanted.includes(id));
  return same(shown, before) ? keep() : shown;
}

module.exports = { inOrder, isDefaultColumns, shownColumns };
