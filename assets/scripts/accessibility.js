/* Adds the names, roles and keys that the libraries' controls lack, for screen readers and for
   keyboards.

   Given: the table and dropdowns that Dash has drawn; the names of
   components/labels.py `control_labels`, through page_texts.js.
   Gives: nothing to other scripts. It runs after each change of the page.
   Example: the sign that orders a column becomes a button named "Ordenar por Data da mensagem". */
const { conditions, plainText } = require("./column_filters");
const { table } = require("./constants");
const { propsOf } = require("./dash");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");
const { offerLabels } = require("./table");
const { nameCardValues } = require("./table_cards");
const { number, visible } = require("./text");
const { whenIdle } = require("./timing");

const TABLE = `#${ids.TABLE}`;
const words = () => pageTexts("controlWords");

function set(element, name, value) {
  if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
}
const each = (selector, act) => document.querySelectorAll(selector).forEach(act);

/* Returns the controls of columns that can be neither sorted nor filtered; styles/table.css hides
   them. It is called before any name is set: after each change the browser would have to compute the
   styles again. */
function hiddenControls() {
  const controls = document.querySelectorAll(
    `${TABLE} .column-header--sort, ${TABLE} th.dash-filter input[type=text]`,
  );
  return new Set(
    [...controls].filter((control) => getComputedStyle(control).visibility === "hidden"),
  );
}

function nameTable() {
  const w = words();
  each(`${TABLE} table`, nameCardValues);
  for (const which of ["first", "previous", "next", "last"]) {
    each(`${TABLE} button.${which}-page`, (button) => {
      set(button, "aria-label", w[which]);
      set(button, "title", w[which]);
    });
  }
  each(`${TABLE} .page-number .last-page`, groupDigits);
  each(`${TABLE} input.current-page`, (input) => set(input, "aria-label", w.page));
  each(`${TABLE} table`, (table) => set(table, "aria-label", w.table));
  const hidden = hiddenControls();
  const isOrdered = [...document.querySelectorAll(`${TABLE} .column-header--sort`)].some((sort) =>
    /sort-(up|down)/.test(sort.innerHTML),
  );
  each(`${TABLE} th.dash-header`, (header) => {
    const name = header.querySelector(".column-header-name");
    const label = name ? name.textContent : "";
    set(header, "scope", "col");
    const sort = header.querySelector(".column-header--sort");
    if (!sort) return;
    if (hidden.has(sort)) {
      set(sort, "tabindex", "-1");
      return;
    }
    set(sort, "role", "button");
    set(sort, "tabindex", "0");
    set(sort, "aria-label", `${w.sort} ${label}`);
    const icon = sort.innerHTML;
    const order = /sort-up/.test(icon)
      ? "ascending"
      : /sort-down/.test(icon)
        ? "descending"
        : "none";
    // Until the reader sorts them, rows are the newest first.
    const isNewestFirst = !isOrdered && header.dataset.dashColumn === table.newest;
    header.toggleAttribute("data-newest-first", isNewestFirst);
    set(header, "aria-sort", isNewestFirst ? "descending" : order);
  });
  const texts = Object.fromEntries(conditions(propsOf(ids.TABLE).filter_query || ""));
  each(`${TABLE} th.dash-filter`, (cell) => {
    const column = cell.getAttribute("data-dash-column");
    const header = document.querySelector(
      `${TABLE} th.dash-header[data-dash-column="${CSS.escape(column)}"] .column-header-name`,
    );
    const input = cell.querySelector("input[type=text]");
    // Without a filter this cell is no heading.
    if (hidden.has(input)) set(cell, "role", "cell");
    showMissedFilter(input, texts[column] || "");
    set(input, "aria-label", `${w.filter} ${header ? header.textContent : column}`);
  });
}

/* Makes the number of a case a button, since it opens the time line (see timeline.js); a link into the
   portal stays a link. */
function nameCases() {
  const rows = propsOf(ids.TABLE).data || [];
  each(`${TABLE} td[data-dash-column="${table.first}"]`, (cell) => {
    const link = cell.querySelector("a");
    const number = link || cell.querySelector(".dash-cell-value");
    set(number, "aria-haspopup", "dialog");
    const whole = rows[Number(cell.dataset.dashRow)]?.case_whole;
    if (whole) set(number, "aria-label", visible(whole));
    else number.removeAttribute("aria-label");
    if (link) set(link, "rel", "noopener");
    if (link) return;
    set(number, "role", "button");
    set(number, "tabindex", "0");
  });
}

/* Adds separators to the number of pages, which Dash's table writes without: 1234 becomes 1.234. */
function groupDigits(last) {
  const text = last.firstChild;
  if (text && /^\d{4,}$/.test(text.nodeValue)) {
    text.nodeValue = number(Number(text.nodeValue));
  }
}

/* Shows what the table filters by also where Dash's field missed it, as after a step back in the
   history. */
function showMissedFilter(input, filter) {
  if (input && input !== document.activeElement && input.value !== filter) input.value = filter;
}

const plainFields = new WeakSet(); // the fields of column filters that show plain texts only

/* Lets the fields above the columns show their filters as they were typed, without the operator that
   Dash's table writes before them, not even for the moment until the next change is seen here. */
function showPlainFilters() {
  each(`${TABLE} th.dash-filter input[type=text]`, (input) => {
    if (plainFields.has(input)) return;
    plainFields.add(input);
    const ofInputs = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value");
    const { get, set } = Object.getOwnPropertyDescriptor(input, "value") || ofInputs;
    Object.defineProperty(input, "value", {
      configurable: true,
      get: () => get.call(input),
      set: (text) => set.call(input, plainText(String(text))),
    });
    input.value = get.call(input);
  });
}

/* Corrects the roles of dropdowns: each is a button that opens a dialog with a search field and a group
   of check boxes. Dash gives them roles of a list box, which may not contain inputs. */
function nameDropdowns() {
  each(".dash-dropdown-focus-target", (field) => set(field, "tabindex", "-1"));
  each("button.dash-dropdown", (button) => {
    set(button, "tabindex", "0");
    set(button, "aria-haspopup", "dialog");
  });
  each(".dash-dropdown-content", (content) => {
    const label = content.closest(".control").querySelector("label").textContent;
    set(content, "aria-label", label);
    content.querySelectorAll("[role=listbox]").forEach((list) => {
      set(list, "role", "group");
      set(list, "aria-label", label);
    });
    content.querySelectorAll("[role=option], [aria-selected]").forEach((option) => {
      option.removeAttribute("role");
      option.removeAttribute("aria-selected");
    });
  });
}

/* Makes lists and number tables that scroll reachable by keyboard, so that their arrows scroll them. */
function nameScrollers() {
  each(".list, .numbers-holder", (region) => {
    const scrolls = region.scrollHeight > region.clientHeight + 1;
    if (!scrolls) {
      for (const name of ["tabindex", "role", "aria-labelledby"]) region.removeAttribute(name);
      return;
    }
    set(region, "tabindex", "0");
    set(region, "role", "group");
    set(region, "aria-labelledby", region.closest(".panel").getAttribute("aria-labelledby"));
  });
}

document.addEventListener("keydown", (event) => {
  const sort = event.target.closest?.(".column-header--sort");
  if (sort && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    sort.click();
  }
});

const TIDY_MS = 200; // so long after a change names are right, in a browser without an idle moment

let due = false; // whether tidy() will run in the next idle moment
function tidy() {
  due = false;
  if (!words()) return; // the page has not been drawn yet
  nameTable();
  offerLabels();
  nameCases();
  nameDropdowns();
  nameScrollers();
}
function tidyLater() {
  if (due) return;
  due = true;
  whenIdle(tidy, TIDY_MS);
}
window.addEventListener("resize", tidyLater);
new MutationObserver(() => {
  showPlainFilters();
  tidyLater();
}).observe(document.documentElement, {
  childList: true,
  subtree: true,
  attributes: true,
  attributeFilter: ["role", "tabindex", "aria-selected", "aria-haspopup", "aria-expanded", "value"],
});
