/* A case's time line: a press on a case number opens its drawer and asks the server for what it shows.

   Given: a press in the table's first column, or of actions.js on a button with data-action="case" and
   the case's key in data-value.
   Gives: `openTimeline(key, trigger)`; to callbacks/timeline.py the case that is asked for.
   Example: openTimeline("", button) asks once more for the case that was asked for last. */
const { table } = require("./constants");
const { propsOf, setProps } = require("./dash");
const drawer = require("./drawer");
const ids = require("./ids");

const CELLS = `#${ids.TABLE} td[data-dash-column="${table.first}"]`;

let plainTitle = null; // the drawer's title as long as the case is not known
let last = ""; // the key of the case that was asked for last

function openTimeline(key, trigger) {
  last = key || last;
  const titleId = ids.drawer_title(ids.TIMELINE);
  plainTitle = plainTitle || propsOf(titleId).content;
  setProps(ids.TIMELINE_BODY, { content: [] });
  setProps(titleId, { content: plainTitle });
  setProps(ids.TIMELINE_ASKED, { data: { case_key: last, at: performance.now() } });
  drawer.open(ids.TIMELINE, trigger);
}

/* An open case is asked for again when newer data came, or when answers had failed; the drawer keeps its
   place. */
for (const kind of ["consumo:news", "consumo:again"]) {
  window.addEventListener(kind, () => {
    if (!last || !drawer.isOpen(ids.TIMELINE)) return;
    setProps(ids.TIMELINE_ASKED, { data: { case_key: last, at: performance.now() } });
  });
}

/* The row of a cell as the server gave it: it has the key of the case, which is not shown. */
function rowOf(cell) {
  return (propsOf(ids.TABLE).data || [])[Number(cell.dataset.dashRow)];
}

const isPlain = (event) =>
  event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

/* What in a cell of the first column takes the focus: the link into the portal, or the number. */
const pressable = (cell) => cell.querySelector("a, .dash-cell-value");

function openFrom(cell) {
  const row = rowOf(cell);
  if (row) openTimeline(row.case_key, pressable(cell));
  return Boolean(row);
}

// In the capturing phase, since Dash's table would take the press as a move among its cells.
document.addEventListener(
  "click",
  (event) => {
    const cell = isPlain(event) && event.target.closest(CELLS);
    if (cell && openFrom(cell)) event.preventDefault();
  },
  true,
);

document.addEventListener(
  "keydown",
  (event) => {
    const cell = event.target.closest?.(CELLS);
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const isPress = event.key === "Enter" || (event.key === " " && !event.target.closest("a"));
    if (!isPress || !openFrom(cell)) return;
    event.preventDefault();
    event.stopPropagation();
  },
  true,
);

module.exports = { openTimeline };
