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
let last = ""; // the key of the case that was asked for, for a second try

function openTimeline(key, trigger) {
  last = key || last;
  const titleId = ids.drawer_title(ids.TIMELINE);
  plainTitle = plainTitle || propsOf(titleId).content;
  setProps(ids.TIMELINE_BODY, { content: [] });
  setProps(titleId, { content: plainTitle });
  setProps(ids.TIMELINE_ASKED, { data: { case_key: last, at: performance.now() } });
  drawer.open(ids.TIMELINE, trigger);
}

/* A case that is looked at while newer data comes, or whose answer did not come, is asked for again;
   its place stays. */
for (const kind of ["consumo:news", "consumo:again"]) {
  window.addEventListener(kind, () => {
    if (!last || !drawer.isOpen(ids.TIMELINE)) return;
    setProps(ids.TIMELINE_ASKED, { data: { case_key: last, at: performance.now() } });
  });
}

/* The rows of the table as the server gave them, which know more than is seen. */
function rowOf(cell) {
  return (propsOf(ids.TABLE).data || [])[Number(cell.dataset.dashRow)];
}

const isPlain = (event) =>
  event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

/* What in the cell of a case is pressed: the link into the portal, or its number. */
const pressable = (cell) => cell.querySelector("a, .dash-cell-value");

function openFrom(cell) {
  const row = rowOf(cell);
  if (row) openTimeline(row.case_key, pressable(cell));
  return Boolean(row);
}

// Before the table hears of it, which would take the press for a move of its own.
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
