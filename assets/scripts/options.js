/* Asks the server for the options of the filters' dropdowns, and shows them.

   It asks when a dropdown is about to be opened, with the filters of the panels but without the
   dropdown's own; so a choice in a dropdown does not change its options. A long list comes in parts, the
   next one when the reader scrolls near its end.

   Given, by callbacks/options.py: the server's answer, { at, wants, options: [[value, label, beside], …],
   first, isLast, total, isElsewhere }; `at` repeats the time of the request, `failed` is set where there
   was an error.
   Gives to it: `offeredOptions(given)`, the options of a dropdown; `searchOptions({ filter, text })`,
   which asks for the options that match a typed text.
   Gives to scripts: `option(filter, value, …)`, an option in the form of Dash; `notOffered(values,
   options)`, the values that are not among the options; `askAboutOpenDropdown(question)`,
   `askSoonForCases()`; and `askAgainForOptions()`, for options that never came.
   Example: option("channel", "whats", "WhatsApp", "12") shows "WhatsApp", and 12 beside it. */
const { limits } = require("./constants");
const { keep, propsOf, setProps } = require("./dash");
const { valueLabel } = require("./filter_labels");
const { element, staticHtml } = require("./html_tree");
const ids = require("./ids");
const { showCount, showSelectAll } = require("./options_count");
const { visible } = require("./text");
const { newestOnly, wait } = require("./timing");
const { same } = require("./values");

const REST_MS = 250; // a search starts when nothing more was typed for so long
const DWELL_MS = 60; // a pointer that stays on a dropdown for so long is about to open it
const FRAME_MS = 16; // after this an opening dropdown has taken the focus
const IDLE_MS = 400; // the cases are asked for so long after the panels
const PATIENCE_MS = 5000; // options that have not come after this are asked for again
const NEAR_END_PX = 240; // from the end of a list its next part is asked for

/* By filter: the last question, whether it has been answered, and what is known of the list. `loaded` are
   the options that came, `isLast` whether these are all, `total` how many there are; null: unknown yet. */
const asked = {};
const typed = {}; // by filter: the text that is searched for
const everywhere = {}; // by filter: the text that is searched for in all periods

/* Asks for the options of a filter, unless they are there or have been asked for. `applied` is the
   question of the panels, by default the one in its store. */
function ask(filter, applied = propsOf(ids.APPLIED).data) {
  if (!applied) return;
  const { [filter]: _own, ...raw } = applied.raw;
  const question = { raw, version: applied.version };
  const search = typed[filter] || "";
  const isEverywhere = search !== "" && everywhere[filter] === search;
  const key = JSON.stringify([question, search, isEverywhere]);
  const last = asked[filter] || {};
  const isOnItsWay = !last.answered && performance.now() - last.at < PATIENCE_MS;
  if (last.key === key && (last.answered || isOnItsWay)) return;
  // Until the new options come, those of the search before stay; those of the filters before are hidden.
  if (!same(last.question, question)) holderOf(filter).dataset.asking = "";
  asked[filter] = { key, question, search, isEverywhere, loaded: [], total: null, isLast: true };
  send(filter, { wants: "part", first: 0 });
}

function send(filter, wanted) {
  const last = asked[filter];
  const { question, search, isEverywhere } = last;
  Object.assign(last, { at: performance.now(), answered: false, wants: wanted.wants });
  const data = { ...question, search, everywhere: isEverywhere, ...wanted, at: last.at };
  // Waits until the list is open and has the focus: what is typed before would be lost.
  setTimeout(setProps, FRAME_MS, ids.asked(filter), { data });
}

function offeredOptions({ filter, answer, selected }) {
  const last = asked[filter];
  if (!last || !answer || answer.at !== last.at) return keep();
  last.answered = !answer.failed;
  delete holderOf(filter).dataset.asking;
  if (answer.failed) return keep();
  if (typeof answer.total === "number") last.total = answer.total;
  if (answer.wants === "count") {
    drawList(filter);
    return keep();
  }
  last.loaded = answer.first ? [...last.loaded, ...answer.options] : answer.options;
  last.isLast = answer.isLast;
  last.isElsewhere = answer.isElsewhere;
  if (answer.wants === "all") return allOptions(filter, selected || []);
  if (last.isLast && last.total === null) last.total = last.loaded.length;
  const hits = last.loaded.map(([value, label, beside]) =>
    option(filter, value, label, beside, last.search),
  );
  const kept = notOffered(selected || [], hits).map((value) =>
    option(filter, value, valueLabel(filter, value), "", last.search),
  );
  keepFocusInList(filter);
  drawList(filter);
  if (last.total === null) send(filter, { wants: "count" });
  return [...kept, ...hits];
}

/* Marks all options. The button shows each of them: so they are plain texts, which are drawn quickly. */
function allOptions(filter, selected) {
  const { loaded, search } = asked[filter];
  const found = loaded.map(([value]) => value);
  const value = [...new Set([...selected, ...found])];
  const labels = new Map(loaded);
  drawList(filter);
  if (value.length <= limits.filterValues) setTimeout(setProps, 0, ids.control(filter), { value });
  return value.map((one) => ({
    ...option(filter, one, labels.get(one), "", search),
    label: visible(labels.get(one) || valueLabel(filter, one)),
  }));
}

function drawList(filter) {
  const last = asked[filter];
  const content = contentOf(filter);
  if (!last || !content) return;
  const state = { ...last, count: last.loaded.length };
  showSelectAll(filter, content, state);
  showCount(filter, content, state, {
    all: () => send(filter, { wants: "all" }),
    everywhere: () => {
      everywhere[filter] = typed[filter];
      ask(filter);
    },
  });
}

const contentOf = (filter) => holderOf(filter).querySelector(".dash-dropdown-content");

/* Asks for the next part of a list whose end is near. */
function askForMore({ target }) {
  const filter = target.closest?.(".dash-dropdown-content") && filterAt(target);
  const last = filter && asked[filter];
  if (!last?.answered || last.isLast) return;
  const below = target.scrollHeight - target.scrollTop - target.clientHeight;
  if (below < NEAR_END_PX) send(filter, { wants: "part", first: last.loaded.length });
}

/* Dash moves the focus to the search field whenever a list gets longer: it goes back to its option. */
function keepFocusInList(filter) {
  const before = document.activeElement;
  if (!before?.matches(".dash-options-list-option-checkbox") || filterAt(before) !== filter) return;
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (before.isConnected) before.focus({ preventScroll: true });
    }),
  );
}

function notOffered(values, options) {
  const offered = new Set(options.map(({ value }) => value));
  return values.filter((value) => !offered.has(value));
}

/* Returns an option for Dash's dropdown. The dropdown itself looks for the typed words in `search`, but
   the server's hits may be spelt differently (accents); so `search` repeats the text, and the label
   without its accents. */
function option(filter, value, label = valueLabel(filter, value), beside = "", searched = "") {
  const content = [element("span", { className: "option-name" }, label)];
  if (beside) content.push(element("span", { className: "option-count" }, beside));
  const className = `option option-of-${filter.replace("_", "-")}`;
  const plain = label.normalize("NFD").replace(/\p{M}/gu, "");
  return {
    label: staticHtml("span", { className }, content),
    value,
    search: [label, ...(plain === label ? [] : [plain]), searched].join(" "),
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
  if (!filter) return;
  ask(filter, applied);
  requestAnimationFrame(() => drawList(filter));
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
  typed[filter] = (text || "").trim();
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

document.addEventListener("scroll", askForMore, true);

module.exports = {
  askAboutOpenDropdown,
  askAgainForOptions,
  askSoonForCases,
  notOffered,
  offeredOptions,
  option,
  searchOptions,
};
