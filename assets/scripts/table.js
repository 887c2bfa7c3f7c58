/* Adds to Dash's table of messages: the choice of columns and page size, filters above the columns, a
   note with the whole text of a cut cell, and keys that reach every cell and leave the table again.

   Given: the table, its choices of columns and page size, its note (components/panels/details.py).
   Gives: `offerLabels()`, which lets the filters of columns offer labels; `showChoices(columns,
   pageSize, sort)`, which marks the chosen columns, page size and order;
   to Dash, by setProps, the choices, the filters above the columns, and the active cell.
   Example: Enter on a cell whose text is cut moves the focus into the note with the whole text. */
const { conditions, plainText, written } = require("./column_filters");
const { table } = require("./constants");
const { propsOf, setProps } = require("./dash");
const { areCards } = require("./table_cards");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");

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
  } else if (target.id === ids.TABLE_SORT_CHOICE) {
    setProps(ids.TABLE, { sort_by: orderOf(target.value) });
  }
});

/* Returns an order such as "-seq" in the form of the table's `sort_by`; "" is the usual one. */
function orderOf(sort) {
  if (!sort) return [];
  const column = sort.replace(/^-/, "");
  return [{ column_id: column, direction: column === sort ? "asc" : "desc" }];
}

/* Marks the chosen columns, page size and order, which the address or a button may have changed. */
function showChoices(columns, pageSize, sort) {
  const order = document.getElementById(ids.TABLE_SORT_CHOICE);
  if (order) order.value = sort && sort[0] !== `-${table.newest}` ? sort[0] : "";
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

/* On the first and the last page the pressed button becomes disabled: moves the focus to the button of the
   opposite direction. */
new MutationObserver(() => {
  const { activeElement } = document;
  if (!pressed?.disabled || ![pressed, document.body].includes(activeElement)) return;
  const isForward = pressed.matches(".next-page, .last-page");
  const other = document.querySelector(`${PAGER} ${isForward ? ".previous-page" : ".next-page"}`);
  if (other && !other.disabled) other.focus();
}).observe(document.documentElement, { subtree: true, attributeFilter: ["disabled"] });

// --- filters above the columns ------------------------------------------------------------------

const FIELD = `${TABLE} th.dash-filter input[type=text]`;

/* Filters a column by the text typed above it. Dash's table itself refuses a text with a quotation mark,
   and takes a text that begins with an operator for another filter. */
function filterBy(field) {
  const column = field.closest("th").dataset.dashColumn;
  const before = conditions(propsOf(ids.TABLE).filter_query || "");
  const text = plainText(field.value).trim();
  const [, known = ""] = before.find(([name]) => name === column) || [];
  if (text === known) return;
  const others = before.filter(([name]) => name !== column);
  setProps(ids.TABLE, { filter_query: written(text ? [...others, [column, text]] : others) });
}

/* Takes over from Dash's table when Enter is pressed in a filter or the focus leaves it. */
function takeFilter(event) {
  if (!event.target.matches?.(FIELD)) return;
  if (event.type === "keydown" && event.key !== "Enter") return;
  event.stopPropagation();
  filterBy(event.target);
}
document.addEventListener("keydown", takeFilter, true);
document.addEventListener("focusout", takeFilter, true);
// A label that is picked from the offered ones filters at once.
document.addEventListener("input", ({ target, inputType }) => {
  if (inputType === "insertReplacementText" && target.matches(FIELD)) filterBy(target);
});

/* Lets the filters above columns of codes offer the labels, those of statuses with the direction. */
function offerLabels() {
  const offers = pageTexts("offers");
  for (const field of document.querySelectorAll(FIELD)) {
    const { dashColumn: column } = field.closest("th").dataset;
    if (offers[column] && !field.list) field.setAttribute("list", listOf(column, offers[column]));
  }
}

/* Returns the id of the list of a column's offers, which is made once. */
function listOf(column, offers) {
  const id = `${ids.TABLE}-offers-${column}`;
  if (document.getElementById(id)) return id;
  const list = document.createElement("datalist");
  list.id = id;
  for (const [value, label] of offers) list.append(new Option(label, value));
  document.body.append(list);
  return id;
}

// --- the note with the whole text of a cell -----------------------------------------------------

let shown = null; // the cell whose text is shown
let quiet = null; // the cell whose text was closed by Esc while the cell has the focus
let due = null; // the timer after which the note is shown or hidden

/* Returns the whole case number of a cell that shows it cut in the middle, "" for any other cell. */
function wholeNumber(cell) {
  if (!isCase(cell)) return "";
  return (propsOf(ids.TABLE).data || [])[Number(cell.dataset.dashRow)]?.case_whole || "";
}

function isCut(cell) {
  const value = valueAt(cell);
  return value.scrollWidth > value.clientWidth + 1 || Boolean(wholeNumber(cell));
}

function show(cell) {
  clearTimeout(due);
  if (cell === shown || cell === quiet) return;
  hide();
  quiet = null;
  // A press on a card opens the time line, which has all texts.
  if (!cell?.isConnected || !isCut(cell) || (areCards() && !isCase(cell))) return;
  const box = note();
  box.textContent = wholeNumber(cell) || valueAt(cell).textContent;
  box.hidden = false;
  box.scrollTop = 0;
  shown = cell;
  place(box, cell.getBoundingClientRect());
}

/* Places the note below its cell, or above it where it would leave the window. */
function place(box, cell) {
  box.style.left = `${MARGIN}px`; // to the edge first, since its place limits its width
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
/* Returns whether the focus is in the note or its cell: then the note stays until the focus leaves. */
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
/* When the page scrolls, moves the note with its cell if the focus is there, and hides it otherwise. */
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

/* Closes the note by Esc; the focus returns from the note to its cell. */
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

/* Returns the number of the page to which a button below the table leads; null for any other element. */
function pageOfButton(button) {
  if (!button.matches(`${PAGER} button`) || button.disabled) return null;
  const { page_current: page = 0, page_count: count = 1 } = propsOf(ids.TABLE);
  const pages = {
    "first-page": 0,
    "previous-page": page - 1,
    "next-page": page + 1,
    "last-page": count - 1,
  };
  return pages[button.classList[0]] ?? null;
}

module.exports = { offerLabels, pageOfButton, showChoices };
