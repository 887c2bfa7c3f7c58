/* The line above an open list of options that says how many there are, and the button that marks what is shown.

   Given: what options.js knows of the list: its `search` and `isEverywhere`, the `count` of options that
   came, `isLast`, `total`, `isElsewhere`.
   Gives: `showCount(filter, content, state, acts)`, which writes "50 de 1.710", a button that marks all of
   them, and, where nothing is found in the period, one that searches without it; `acts` has what these
   buttons do: `all`, `everywhere`. `showSelectAll(filter, content, state)` writes on Dash's own button
   what it marks.
   Example: for 50 of 230 names it says "50 de 230 · todos os 230", the button "Marcar os 50
   exibidos".

   Tab goes through the search field, the buttons and the list; Dash keeps it in the list. */
const { limits } = require("./constants");
const { propsOf, setProps } = require("./dash");
const { filterLabels } = require("./filter_labels");
const ids = require("./ids");
const { filled, number } = require("./text");

function showCount(filter, content, state, acts) {
  const line = content.querySelector(".options-count") || newCount(content);
  const parts = [...partsOf(filter, state)];
  const key = JSON.stringify(parts);
  content.classList.toggle("nothing-here", Boolean(state.isElsewhere));
  if (line.dataset.key === key) return;
  line.dataset.key = key;
  line.hidden = !parts.length;
  const [status, buttons] = line.children;
  status.textContent = parts
    .filter(([kind]) => kind === "text")
    .map(([, text]) => text)
    .join(" · ");
  buttons.replaceChildren(
    ...parts.filter(([kind]) => kind !== "text").map(([kind, text]) => newButton(text, acts[kind])),
  );
}

/* Yields [kind, text]: texts, and buttons by the name of what they do. */
function* partsOf(filter, { count, total, isLast, isElsewhere, isEverywhere }) {
  const words = filterLabels().list;
  if (isElsewhere) {
    yield ["text", filter === "case" ? words.no_case : words.no_name];
    yield ["everywhere", words.everywhere];
  }
  if (!count) return;
  if (isEverywhere) yield ["text", words.all_periods];
  if (isLast && count <= limits.filterValues) return;
  if (total !== null) {
    yield ["text", filled(words.shown, { count: number(count), total: number(total) })];
    if (total > limits.filterValues) {
      yield ["text", filled(words.too_many, { limit: number(limits.filterValues) })];
    } else yield ["all", filled(words.all, { total: number(total) })];
  }
}

function newCount(content) {
  const line = document.createElement("div");
  const [status, buttons] = [document.createElement("span"), document.createElement("span")];
  line.className = "options-count";
  status.setAttribute("role", "status");
  line.append(status, buttons);
  content.querySelector(".dash-dropdown-actions").after(line);
  return line;
}

function newButton(text, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link-button";
  button.textContent = text;
  button.addEventListener("click", act);
  return button;
}

function showSelectAll(filter, content, { count, isLast, search }) {
  const words = filterLabels().list;
  const isWhole = isLast && !search;
  const text = isWhole ? words.select_all : filled(words.select_shown, { count: number(count) });
  content.classList.toggle("nothing-to-mark", !count || count > limits.filterValues);
  const { labels } = propsOf(ids.control(filter));
  if (labels.select_all !== text) {
    setProps(ids.control(filter), { labels: { ...labels, select_all: text } });
  }
}

// --- the keyboard ------------------------------------------------------------------------------

const STOPS = ".dash-dropdown-search, .dash-dropdown-actions button, .options-count button";

document.addEventListener(
  "keydown",
  (event) => {
    const content = event.target.closest?.(".dash-dropdown-content");
    if (event.key !== "Tab" || !content) return;
    const stops = [...content.querySelectorAll(STOPS)].filter((stop) => stop.offsetParent);
    const list = content.querySelector(".dash-options-list-option-checkbox");
    if (list) stops.push(list);
    const here = stops.indexOf(event.target);
    const at = here < 0 ? stops.indexOf(list) : here;
    const next = stops[(at + (event.shiftKey ? -1 : 1) + stops.length) % stops.length];
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    next.focus();
  },
  true,
);

module.exports = { showCount, showSelectAll };
