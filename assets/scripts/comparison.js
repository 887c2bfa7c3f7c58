/* What the reader chose in the comparison: what is compared, in which columns and order.

   Given: the selector, the menu of columns and the table of components/panels/breakdown.py; presses by
   actions.js.
   Gives: `lookPairs()`, the choice as parameters of the page's address; `restoreLook(search)`, which
   takes it from an address; `usualFigures()` and `tell(text, cell)`, what presses do. After a change of
   the choice the window gets the event "consumo:look", by which selection.js writes the address.
   Example: with agents compared, most waits first, lookPairs() is
   [["by", "agent"], ["by_sort", "-waits"]]. */
const { compared } = require("./constants");
const { propsOf, setProps } = require("./dash");
const ids = require("./ids");
const { whenDrawn } = require("./page_drawn");

/* By parameter of the address: the store, and how its value is written and read. */
const STORES = compared
  ? {
      by: { id: ids.by(compared.slug), write: (by) => by, read: (text) => text },
      by_sort: { id: ids.order(compared.slug), write: (sort) => sort, read: (text) => text },
      by_columns: {
        id: ids.columns(compared.slug),
        write: (names) => names.join(","),
        read: (text) => text.split(","),
      },
    }
  : {};

const chosen = (name) => propsOf(STORES[name].id).data || null;

function lookPairs() {
  return Object.entries(STORES)
    .map(([name, { write }]) => [name, chosen(name) && write(chosen(name))])
    .filter(([, text]) => text);
}

/* Values that the page does not offer are left out. */
const OFFERED = {
  by: (by) => compared.values.includes(by),
  by_sort: (sort) => compared.orders.includes(sort.replace(/^-/, "")),
  by_columns: (names) => names.split(",").every((name) => compared.orders.includes(name)),
};

function restoreLook(search) {
  if (!compared) return;
  const given = new URLSearchParams(search);
  for (const [name, { id, read }] of Object.entries(STORES)) {
    const texts = given.getAll(name).filter((text) => text && OFFERED[name](text));
    const data = texts.length === 1 ? read(texts[0]) : null;
    if (data || propsOf(id).data) setProps(id, { data });
  }
  showBy();
}

function change(name, data) {
  setProps(STORES[name].id, { data });
  window.dispatchEvent(new CustomEvent("consumo:look"));
}

// --- the selector and the menu of columns -------------------------------------------------------

const radios = () => [...document.querySelectorAll(`input[name="${STORES.by?.id}"]`)];
const boxes = () => [
  ...document.querySelectorAll(`#${ids.columns_choice(compared?.slug || "")} input`),
];

function showBy() {
  const by = chosen("by") || compared.values[0];
  for (const radio of radios()) radio.checked = radio.value === by;
}

/* Marks the columns that the table has. */
function showColumns(panel) {
  const table = panel.querySelector("[data-columns]");
  const names = table ? table.dataset.columns.split(" ") : [];
  for (const box of boxes()) box.checked = names.includes(box.value);
  panel.querySelector(".compared-columns")?.toggleAttribute("data-idle", !table);
}

document.addEventListener("change", ({ target }) => {
  if (!compared) return;
  if (target.name === STORES.by.id) {
    // Another order would be one of columns that the reader may not see any more.
    if (chosen("by_sort")) setProps(STORES.by_sort.id, { data: null });
    change("by", target.value);
  } else if (target.closest(`#${ids.columns_choice(compared.slug)}`)) {
    const checked = boxes().filter((box) => box.checked);
    change("by_columns", checked.length ? checked.map((box) => box.value) : null);
  }
});

const usualFigures = () => change("by_columns", null);

// A press on a heading sorts by it: actions.js writes the store, the address follows.
document.addEventListener("click", ({ target }) => {
  const button = compared && target.closest('[data-action="order"]');
  if (button?.dataset.name === STORES.by_sort.id) {
    setTimeout(() => window.dispatchEvent(new CustomEvent("consumo:look")));
  }
});

// --- the heat map -------------------------------------------------------------------------------

const CELL = ".heat-cell";
const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
let told = null; // row and column of the cell whose figures are told

const placeOf = (cell) => {
  const column = cell.closest("td");
  return [column.parentElement.rowIndex, column.cellIndex];
};
const cellAt = (map, [row, column]) => map.rows[row]?.cells[column]?.querySelector(CELL);

function tell(text, cell) {
  told = placeOf(cell);
  moveTo(cell);
  write(cell.closest(".panel"), cell, text);
}

function write(panel, cell, text) {
  const line = panel.querySelector(".heat-told");
  if (line && line.dataset.told !== text) {
    line.dataset.told = text;
    line.textContent = text;
  }
  for (const other of panel.querySelectorAll(`${CELL}[data-told]`)) {
    if (other !== cell) delete other.dataset.told;
  }
  if (cell && cell.dataset.told === undefined) cell.dataset.told = "";
}

/* The Tab key reaches one cell only: the last that had the focus. */
function moveTo(cell) {
  for (const other of cell.closest("table").querySelectorAll(CELL)) {
    other.tabIndex = other === cell ? 0 : -1;
  }
}

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.(CELL);
  const step = cell && STEPS[event.key];
  if (!step) return;
  event.preventDefault();
  const [row, column] = placeOf(cell);
  const next = cellAt(cell.closest("table"), [row + step[0], column + step[1]]);
  if (!next) return;
  moveTo(next);
  next.focus();
});

/* After a new answer the same cell tells its new figures. */
function tellAgain(panel) {
  const map = panel.querySelector(".heat-map");
  if (!map) told = null;
  const cell = map && told && cellAt(map, told);
  if (cell) write(panel, cell, cell.dataset.value);
}

if (compared) {
  whenDrawn(() => {
    const panel = document.getElementById(ids.panel(compared.slug));
    const cards = document.getElementById(ids.cards(compared.slug));
    if (!panel || !cards) return;
    new MutationObserver(() => {
      showColumns(panel);
      tellAgain(panel);
    }).observe(cards, {
      childList: true,
      subtree: true,
      attributeFilter: ["data-value", "data-columns"],
    });
  });
}

module.exports = { lookPairs, restoreLook, tell, usualFigures };
