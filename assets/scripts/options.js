/* What the dropdowns of the filters offer.

   Options are asked for when a dropdown is about to be opened. The question is that of the panels
   without the dropdown's own filter, so what is picked in it leaves its options as they are.

   Given, by callbacks/options.py: the server's answer, { at, options: [[value, label, beside], …] }.
   Gives to it: `offeredOptions(given)`, the options of a dropdown; `searchOptions({ filter, text })`,
   which asks for those that match what is typed.
   Gives to scripts: `option`, one option as Dash wants it; `notOffered`, which values are none of
   some options; `askAboutOpenDropdown`, `askSoonForCases` and `askAgainForOptions`.
   Example: option("channel", "whats", "WhatsApp", "12") shows "WhatsApp", and 12 beside it. */
const { keep, propsOf, setProps } = require("./dash");
const { valueLabel } = require("./filter_labels");
const { element, staticHtml } = require("./html_tree");
const ids = require("./ids");
const { visible } = require("./text");
const { newestOnly, wait } = require("./timing");
const { same } = require("./values");

const REST_MS = 250; // what is typed is looked for when nothing more was typed for so long
const DWELL_MS = 60; // a pointer that stays on a dropdown for so long is about to open it
const FRAME_MS = 16; // an opening dropdown has taken the focus by then
const IDLE_MS = 400; // the list of cases is asked for when the panels have had their turn
const PATIENCE_MS = 5000; // options that have not come by then are asked for again

const asked = {}; // by filter: the last question, and whether it is answered
const typed = {}; // by filter: what is searched for

/* Asks for the options of a filter, unless they are there or on their way. `applied` is the question
   of the panels: the one in its store, where none is given. */
function ask(filter, applied = propsOf(ids.APPLIED).data) {
  if (!applied) return;
  const { [filter]: _own, ...raw } = applied.raw;
  const question = { raw, version: applied.version };
  const search = typed[filter] || "";
  const key = JSON.stringify([question, search]);
  const last = asked[filter] || {};
  const isOnItsWay = !last.answered && performance.now() - last.at < PATIENCE_MS;
  if (last.key === key && (last.answered || isOnItsWay)) return;
  // Hits of an older search may stand until the newer ones come, options of older filters may not.
  if (!same(last.question, question)) holderOf(filter).dataset.asking = "";
  const at = performance.now();
  asked[filter] = { key, question, at, answered: false };
  // The list opens and takes the focus first: what is typed meanwhile would be lost.
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

/* A dropdown looks for what is typed by itself, where the server's hits may be spelt otherwise:
   so each of them repeats the text that was searched for. */
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

/* The filter whose dropdown an element is part of. */
function filterAt(node) {
  const holder = node.closest?.(".control[data-filter]");
  return holder?.dataset.filter;
}

function askAt(node, applied) {
  const filter = filterAt(node);
  if (filter) ask(filter, applied);
}

/* The panels have a new question, and a dropdown may be open. */
function askAboutOpenDropdown(applied) {
  const opened = document.querySelector(".control .dash-dropdown-content[data-state=open]");
  if (opened) askAt(opened, applied);
}

/* The empty list of cases says how many there are. */
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
