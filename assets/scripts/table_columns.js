/* Decides which columns the table shows, and in which order.

   Given: the columns of components/panels/details.py, by `constants`; the chosen ones.
   Gives: `inOrder(names)`, known columns in the table's order; `isDefaultColumns(names)`, whether these
   are the columns that are shown at first; to callbacks/table.py `shownColumns(given)`, the definitions
   of the columns to show, and the line of the columns that are folded because they have one value in
   all rows (queries/constant_columns.py); `toggleFolded()`, which shows or hides these columns.
   Example: inOrder(["status", "sent_at"]) is ["sent_at", "status"]. */
const { table } = require("./constants");
const { conditions } = require("./column_filters");
const { keep, propsOf, setProps } = require("./dash");
const { element } = require("./html_tree");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");
const { filled } = require("./text");
const { same } = require("./values");

const inOrder = (names) => table.columns.filter((name) => names.includes(name));

const isDefaultColumns = (names) => same(inOrder(names), table.defaults);

/* Returns the definitions of the first, the chosen and the filtered columns. A filtered column is always
   shown, so that its filter can be seen; Dash's table takes a filter of an absent column for an error.
   While the status of failures is selected, so is the column that says why they failed. Of the others
   those with one value are folded into the line above the table, unless the reader shows them. */
function shownColumns(given) {
  const filtered = conditions(given.filterQuery || "").map(([column]) => column);
  const failed = given.applied?.raw.status?.includes("failed") ? [table.failure] : [];
  const sorted = (given.sortBy || []).map(({ column_id: column }) => column);
  const needed = [table.first, ...filtered, ...failed];
  const wanted = given.all.filter(({ id }) => [...needed, ...given.chosen].includes(id));
  const values = new Map(given.constant || []);
  const folded = wanted.filter(({ id }) => values.has(id) && ![...needed, ...sorted].includes(id));
  const shown = given.unfolded ? wanted : wanted.filter((column) => !folded.includes(column));
  const line = folded.length ? lineOf(folded, values, given.unfolded) : [];
  return {
    columns: same(shown, given.before) ? keep() : shown,
    folded: same(line, given.foldedBefore) ? keep() : line,
  };
}

/* Returns the line "Canal: WhatsApp · Tipo: Suporte" with the button that shows or hides the columns. */
function lineOf(folded, values, isUnfolded) {
  const words = pageTexts("foldedWords");
  const [text, name] = isUnfolded ? [words.hide, words.hide_name] : [words.show, words.show_name];
  const columns = folded.map((column) => column.name).join(", ");
  return [
    element(
      "span",
      {},
      folded.map(({ id, name: of }) => `${of}: ${values.get(id)}`).join(" \u00b7 "),
    ),
    element(
      "button",
      {
        type: "button",
        className: "link-button",
        "data-action": "fold-columns",
        "aria-label": filled(name, { columns }),
      },
      text,
    ),
  ];
}

function toggleFolded() {
  setProps(ids.TABLE_UNFOLDED, { data: !propsOf(ids.TABLE_UNFOLDED).data });
}

module.exports = { inOrder, isDefaultColumns, shownColumns, toggleFolded };
