/* Asks the server for the options of the filters' dropdowns, and shows them.

   It asks when a dropdown is about to be opened, with the filters of the panels but without the
   dropdown's own; so a choice in a dropdown does not change its options.

   Given, by callbacks/options.py: the server's answer, { at, options: [[value, label, beside], …] };
   `at` repeats the time of the request, `failed` is set where there was an error.
   Gives to it: `offeredOptions(given)`, the options of a dropdown; `searchOptions({ filter, text })`,
   which asks for the options that match a typed text.
   Gives to scripts: `option(filter, value, …)`, an option in the form of Dash; `notOffered(values,
   options)`, the values that are not among the options; `askAboutOpenDropdown(question)`,
   `askSoonForCases()`; and `askAgainForOptions()`, for options that never came.
   Example: option("channel", "whats", "WhatsApp", "12") shows "WhatsApp", and 12 beside it. */
const { keep, propsOf, setProps } = require("./dash");
const { valueLabel } = require("./filter_labels");
const { element, staticHtml } = require("./html_tree");
const ids = require("./ids");
const { visible } = require("./text");
const { newestOnly, wait } = require("./timing");
const { same } = require("./values");

const REST_MS = 250; // a search starts when nothing more was typed for so long
const DWELL_MS = 60; // a pointer that stays on a dropdown for so long is about to open it
const FRAME_MS = 16; // after this an opening dropdown has taken the focus
const IDLE_MS = 400; // the cases are asked for so long after the panels
const PATIENCE_MS = 5000; // options that have not come after this are asked for again

const asked = {}; // by filter: the last question, and whether it has been answered
const typed = {}; // by filter: the text that is searched for

/* Asks for the options of a filter, unless they are there or have been asked for. `applied` is the
   question of the panels, by default the one in its store. */
function ask(filter, applied = propsOf(ids.APPLIED).data) {
  if (!applied) return;
  const { [filter]: _own, ...raw } = applied.raw;
  const question = { raw, version: applied.version };
  const search = typed[filter] || "";
  const key = JSON.stringify([question, search]);
  const last = asked[filter] || {};
  const isOnItsWay = !last.answered && performance.now() - last.at < PATIENCE_MS;
  if (last.key === key && (last.answered || isOnItsWay)) return;
  // Until the new options come, those of the search before stay; those of the filters before are hidden.
  if (!same(last.question, question)) holderOf(filter).dataset.asking = "";
  const at = performance.now();
  asked[filter] = { key, question, at, answered: false };
  // Waits until the list is open and has the focus: what is typed before would be lost.
  setTimeout(setProps, FRAME_MS, ids.asked(filter), { data: { ...question, search, at } });
}

function offeredOptions({ filter, answer, selected }) {
  const last = asked[filter];
  if (!last || !answer || answer.at !== last.at) return keep();
  last.answered = !answer.failed;
  delete holderOf(filter).dataset.asking;
  const search = typed[filter];
  const hits = (answer.options || []).map(([value, label, beside]) =>
    option(filter, value, label, beside, search),
  );
  const kept = notOffered(selected || [], hits).map((value) =>
    option(filter, value, valueLabel(filter, value), "", search),
  );
  return [...kept, ...hits];
}

function notOffered(values, options) {
  const offered = new Set(options.map(({ value }) => value));
  return values.filter((value) => !offered.has(value));
}

/* Returns an option for Dash's dropdown. The dropdown itself looks for the typed text in `search`, but
   the server's hits may be spelt differently (accents); so `search` repeats the text. */
function option(filter, value, label = valueLabel(filter, value), beside = "", searched = "") {
  const content = [element("span", { className: "option-name" }, label)];
  if (beside) content.push(element("span", { className: "option-count" }, beside));
  const className = `option option-of-${filter.replace("_", "-")}`;
  return {
    label: staticHtml("span", { className }, content),
    value,
    search: `${label} ${searched}`,
    title: visible(label),
  };
}

const holderOf = (filter) => document.querySelector(`.control[data-filter="${filter}"]`);

/* Returns the filter whose dropdown contains the element, or undefined. */
function filterAt(node) {
  const holder = node.closest?.(".control[data-filter]");
  return holder?.dataset.filter;
}

function askAt(node, applied) {
  const filter = filterAt(node);
  if (filter) ask(filter, applied);
}

/* Asks for the options of the open dropdown, if one is open, after the panels got a new question. */
function askAboutOpenDropdown(applied) {
  const opened = document.querySelector(".control .dash-dropdown-content[data-state=open]");
  if (opened) askAt(opened, applied);
}

/* Asks for the cases, because the dropdown shows their number even while it is closed. */
const beginCases = newestOnly();
function askSoonForCases() {
  const isNewest = beginCases();
  wait(IDLE_MS).then(() => isNewest() && ask("case"));
}

function askAgainForOptions() {
  for (const [filter, last] of Object.entries(asked)) {
    if (last.answered) continue;
    delete asked[filter];
    ask(filter);
  }
}

const beginSearch = {}; // by filter
async function searchOptions({ filter, text }) {
  beginSearch[filter] = beginSearch[filter] || newestOnly();
  const isNewest = beginSearch[filter]();
  if (text) await wait(REST_MS);
  if (!isNewest()) return;
  typed[filter] = text || "";
  ask(filter);
}

let dwelling = null;
document.addEventListener("pointerover", (event) => {
  clearTimeout(dwelling);
  if (filterAt(event.target)) dwelling = setTimeout(() => askAt(event.target), DWELL_MS);
});
for (const kind of ["pointerdown", "focusin", "keydown"]) {
  document.addEventListener(kind, (event) => askAt(event.target), true);
}

module.exports = {
  askAboutOpenDropdown,
  askAgainForOptions,
  askSoonForCases,
  notOffered,
  offeredOptions,
  option,
  searchOptions,
};
