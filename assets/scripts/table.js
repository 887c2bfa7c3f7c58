/* What the table of messages does beside what Dash's table does: pages of another length, the whole of a
   text that a cell cuts, and a keyboard that reaches every cell and gets out of the table again.

   Given: the table, its choices of columns and page size, its note (components/panels/details.py).
   Gives: `showChoices(columns, pageSize)`, which marks what is chosen; to Dash what is chosen, the
   filters above the columns, and the cell that the keyboard is at.
   Example: Enter on a cell whose text is cut moves the focus into the note with the whole text. */
const { conditions, plainText, written } = require("./column_filters");
const { table } = require("./constants");
const { propsOf, setProps } = require("./dash");
const ids = require("./ids");

const TABLE = `#${ids.TABLE}`;
const MARGIN = 8; // pixels between a text and the edge of the window
const SHOW_MS = 300; // the whole text is shown when the pointer has rested for so long
const HIDE_MS = 200; // and hidden so long after it left, so that it can move into the text

const note = () => document.getElementById(ids.TABLE_NOTE);
const cellAt = (element) => element?.closest?.(`${TABLE} td.dash-cell`);
const isCase = (cell) => cell.dataset.dashColumn === table.first;
const valueAt = (cell) => cell.querySelector(".dash-cell-value") || cell;

// --- columns and pages --------------------------------------------------------------------------

const PAGER = `${TABLE} .previous-next-container`;
let pressed = null; // the button below the table that was pressed last

const boxes = () => [...document.querySelectorAll(`#${ids.TABLE_COLUMNS_CHOICE} input`)];

document.addEventListener("change", ({ target }) => {
  if (target.closest(`#${ids.TABLE_COLUMNS_CHOICE}`)) {
    const checked = boxes().filter((box) => box.checked);
    setProps(ids.TABLE_COLUMNS, { data: checked.map((box) => box.value) });
  } else if (target.id === ids.TABLE_PAGE_SIZE_CHOICE) {
    setProps(ids.TABLE_PAGE_SIZE, { data: Number(target.value) });
    toTop();
  }
});

/* Marks what is chosen: after the address was read, or after a return to the usual columns. */
function showChoices(columns, pageSize) {
  for (const box of boxes()) box.checked = box.disabled || columns.includes(box.value);
  const size = document.getElementById(ids.TABLE_PAGE_SIZE_CHOICE);
  if (size) size.value = String(pageSize);
}

function toTop() {
  const scroller = document.querySelector(`${TABLE} .dash-spreadsheet-container`);
  if (scroller) scroller.scrollTop = 0;
}

document.addEventListener(
  "click",
  (event) => {
    pressed = event.target.closest(`${PAGER} button`);
    if (pressed) toTop();
  },
  true,
); // before the table turns the page

/* On the first and the last page the button that led there is switched off: the focus moves to the
   opposite one. */
new MutationObserver(() => {
  const { activeElement } = document;
  if (!pressed?.disabled || ![pressed, document.body].includes(activeElement)) return;
  const isForward = pressed.matches(".next-page, .last-page");
  const other = document.querySelector(`${PAGER} ${isForward ? ".previous-page" : ".next-page"}`);
  if (other && !other.disabled) other.focus();
}).observe(document.documentElement, { subtree: true, attributeFilter: ["disabled"] });

// --- what is typed above a column ---------------------------------------------------------------

const FIELD = `${TABLE} th.dash-filter input[type=text]`;

/* Filters a column by what is typed above it. Dash's table would not take a text with a quotation mark,
   and would read one that begins with an operator as another filter. */
function filterBy(field) {
  const column = field.closest("th").dataset.dashColumn;
  const before = conditions(propsOf(ids.TABLE).filter_query || "");
  const text = plainText(field.value).trim();
  const [, known = ""] = before.find(([name]) => name === column) || [];
  if (text === known) return;
  const others = before.filter(([name]) => name !== column);
  setProps(ids.TABLE, { filter_query: written(text ? [...others, [column, text]] : others) });
}

function takeFilter(event) {
  if (!event.target.matches?.(FIELD)) return;
  if (event.type === "keydown" && event.key !== "Enter") return;
  event.stopPropagation();
  filterBy(event.target);
}
document.addEventListener("keydown", takeFilter, true);
document.addEventListener("focusout", takeFilter, true);

// --- the whole of a text ------------------------------------------------------------------------

let shown = null; // the cell whose text is shown
let quiet = null; // the cell whose text was closed by Esc while the cell has the focus
let due = null; // the timer of what happens when the pointer rests

function isCut(cell) {
  const value = valueAt(cell);
  return value.scrollWidth > value.clientWidth + 1;
}

function show(cell) {
  clearTimeout(due);
  if (cell === shown || cell === quiet) return;
  hide();
  quiet = null;
  if (!cell?.isConnected || !isCut(cell)) return;
  const box = note();
  box.textContent = valueAt(cell).textContent;
  box.hidden = false;
  box.scrollTop = 0;
  shown = cell;
  place(box, cell.getBoundingClientRect());
}

/* Places the note below its cell, or above it where it would leave the window. */
function place(box, cell) {
  box.style.left = `${MARGIN}px`; // first to the edge: else its last place would limit its width
  const right = document.documentElement.clientWidth - box.offsetWidth - MARGIN;
  const below = cell.bottom + box.offsetHeight + MARGIN <= window.innerHeight;
  const top = below ? cell.bottom : Math.max(MARGIN, cell.top - box.offsetHeight);
  box.style.left = `${Math.max(MARGIN, Math.min(cell.left, right))}px`;
  box.style.top = `${top}px`;
}

function hide() {
  clearTimeout(due);
  if (!shown) return;
  shown = null;
  note().hidden = true;
}

const later = (act, milliseconds) => {
  clearTimeout(due);
  due = setTimeout(act, milliseconds);
};
const isNote = (element) => Boolean(element?.closest?.(`#${ids.TABLE_NOTE}`));

document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch") return;
  const cell = cellAt(event.target);
  if (isNote(event.target) || (cell && cell === shown)) clearTimeout(due);
  else if (cell) later(() => show(cell), SHOW_MS);
  else if (!isHeld()) later(hide, HIDE_MS);
});
/* Whether the note was opened by keyboard: then it stays until the focus leaves it. */
const isHeld = () => isNote(document.activeElement) || shown?.contains(document.activeElement);

document.addEventListener("focusin", (event) => {
  if (isNote(event.target)) return;
  const cell = cellAt(event.target);
  if (cell) show(cell);
  else hide();
});
document.addEventListener("click", (event) => {
  const cell = cellAt(event.target);
  quiet = null;
  if (cell) show(cell);
  else if (!isNote(event.target)) hide();
});
/* Moves the note along with its cell, which the browser may scroll into view; a note of the pointer
   closes when the page scrolls. */
function follow(event) {
  if (!shown || isNote(event.target)) return;
  if (isHeld() && shown.isConnected) place(note(), shown.getBoundingClientRect());
  else hide();
}
document.addEventListener("scroll", follow, true);
window.addEventListener("resize", hide);

// --- the keyboard -------------------------------------------------------------------------------

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key === "Escape" && shown) return leave(event);
    const { target } = event;
    if (!target.closest?.(TABLE)) return;
    // Dash's table would never let Tab leave its cells, nor Enter reach the buttons below them.
    const isButton = target.matches(`${PAGER} button`);
    if (event.key === "Tab" || (event.key === "Enter" && isButton)) {
      event.stopPropagation();
      return;
    }
    const cell = cellAt(target);
    if (!cell) return;
    if (event.key === "Enter" && cell === shown && !isCase(cell)) {
      event.preventDefault();
      event.stopPropagation();
      note().focus();
    } else if (event.key.startsWith("Arrow") && !isActive(cell)) move(cell, event);
  },
  true,
);

function leave(event) {
  const wasInside = isNote(event.target);
  quiet = shown;
  hide();
  if (wasInside && quiet.isConnected) valueAt(quiet).focus();
}

const placeOf = (cell) => ({
  row: Number(cell.dataset.dashRow),
  column: Number(/column-(\d+)/.exec(cell.className)[1]),
  column_id: cell.dataset.dashColumn,
});

function isActive(cell) {
  const active = propsOf(ids.TABLE).active_cell;
  const { row, column } = placeOf(cell);
  return Boolean(active) && active.row === row && active.column === column;
}

/* Moves from the number of a case, which Tab reaches, to the other cells, which only arrows reach. */
function move(cell, event) {
  const row = cell.closest("tr");
  const next = {
    ArrowRight: cell.nextElementSibling,
    ArrowLeft: cell.previousElementSibling,
    ArrowDown: row.nextElementSibling?.cells[cell.cellIndex],
    ArrowUp: row.previousElementSibling?.cells[cell.cellIndex],
  }[event.key];
  if (!next?.matches("td.dash-cell")) return;
  event.preventDefault();
  event.stopPropagation();
  const number = next.querySelector("a, [role=button]");
  if (number) number.focus();
  else setProps(ids.TABLE, { active_cell: placeOf(next), selected_cells: [placeOf(next)] });
}

module.exports = { showChoices };
