/* Opens a case's time line: a press on a case number, on a phone on the card of a row, opens the drawer and asks the server for the case.

   Given: a press in the table's first column, or (actions.js) on a button with data-action="case" and
   the case's key in data-value.
   Gives: `openTimeline(key, trigger)`, where `trigger` gets the focus back; to callbacks/case_timeline.py, in
   the store ids.TIMELINE_ASKED, the key of the case.
   The page's address names the open case (timeline_address.js).
   Example: openTimeline("", button) asks again for the case of the last press. */
const { table } = require("./constants");
const { propsOf, setProps } = require("./dash");
const drawer = require("./drawer");
const ids = require("./ids");
const { areCards } = require("./table_cards");
const { caseInAddress, enterCase, leaveCase } = require("./timeline_address");

const CELLS = `#${ids.TABLE} td[data-dash-column="${table.first}"]`;
const CARDS = `#${ids.TABLE} tr:has(> td.dash-cell)`;

let plainTitle = null; // the drawer's title until the case has been read
let last = ""; // the key of the case of the last press

function openTimeline(key, trigger) {
  last = key || last;
  enterCase(last);
  const titleId = ids.drawer_title(ids.TIMELINE);
  plainTitle = plainTitle || propsOf(titleId).content;
  setProps(ids.TIMELINE_BODY, { content: [] });
  setProps(titleId, { content: plainTitle });
  setProps(ids.TIMELINE_ASKED, { data: { case_key: last, at: performance.now() } });
  drawer.open(ids.TIMELINE, trigger);
}

const followAddress = () => {
  const key = caseInAddress();
  const isOpen = drawer.isOpen(ids.TIMELINE);
  if (key && !(isOpen && key === last)) openTimeline(key);
  else if (!key && isOpen) drawer.close(ids.TIMELINE);
};
window.addEventListener("popstate", followAddress);
window.addEventListener("consumo:started", followAddress);
drawer.whenClosed(ids.TIMELINE, leaveCase);

/* Asks again for the open case when newer data came or after failed answers; the drawer does not scroll. */
for (const kind of ["consumo:news", "consumo:again"]) {
  window.addEventListener(kind, () => {
    if (!last || !drawer.isOpen(ids.TIMELINE)) return;
    setProps(ids.TIMELINE_ASKED, { data: { case_key: last, at: performance.now() } });
  });
}

/* Returns the server's row of a cell; it has the key of the case, which is not shown. */
function rowOf(cell) {
  return (propsOf(ids.TABLE).data || [])[Number(cell.dataset.dashRow)];
}

const isPlain = (event) =>
  event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

/* Returns the element of a first-column cell that takes the focus: the portal's link or the number. */
const pressable = (cell) => cell.querySelector("a") || cell.querySelector(".dash-cell-value");

/* Returns the cell of the case number that was pressed, on a phone that of the pressed card. */
function pressedCase(target) {
  const card = areCards() && target.closest(CARDS);
  return target.closest(CELLS) || (card ? card.querySelector(CELLS) : null);
}

function openFrom(cell) {
  const row = rowOf(cell);
  if (row) openTimeline(row.case_key, pressable(cell));
  return Boolean(row);
}

// In the capturing phase, since Dash's table would take the press as a move among its cells.
document.addEventListener(
  "click",
  (event) => {
    const cell = isPlain(event) && pressedCase(event.target);
    if (!cell || !openFrom(cell)) return;
    event.preventDefault();
    if (areCards()) event.stopPropagation();
  },
  true,
);

// Dash's table would mark the pressed value of a card, and take the focus back to it later.
document.addEventListener(
  "mousedown",
  (event) => {
    if (!isPlain(event) || !areCards() || !event.target.closest(CARDS)) return;
    event.preventDefault();
    event.stopPropagation();
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
