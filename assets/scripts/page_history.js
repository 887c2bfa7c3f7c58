/* Writes the page's address, and keeps an entry of the browser's history for each change that the reader
   makes: back undoes it, forward does it again.

   Given: the addresses of what is shown, from selection.js; which change brought them, from filters.js
   and asking.js.
   Gives: `changeBegins()`, for a change of controls: what is written after it is a new entry;
   `changeIsGiven()`, for one that the history or the portal has made: what is written after it replaces
   the present entry; `writeEntry(address, search)`; `firstSearch()`, the selection with which the page
   begins, in the form of the address.
   Example: changeBegins(); writeEntry("/?channel=whats", "channel=whats") adds an entry.

   An entry keeps its selection too: one that is too long for an address comes back all the same. In a
   frame the entries are those of the whole tab, so that back undoes a filter there as well before it
   leaves the portal's page; the portal's own address and entries are left alone. */
const { setProps } = require("./dash");
const ids = require("./ids");

const SAME_MS = 250; // controls that change within this time of the first are one change
const SETTLE_MS = 600; // a given change has been answered after this

let change = { at: -Infinity, isGiven: true, number: 0 }; // the page's start is given by its address
let written = 0; // the number of the change that was last written
let settling = null;

function begin(isGiven) {
  const at = performance.now();
  // What a given change sets is a part of it.
  if (!isGiven && at - change.at < SAME_MS) return;
  change = { at, isGiven, number: change.number + 1 };
}

function writeEntry(address, search) {
  clearTimeout(settling);
  const state = { ...window.history.state, consumo: search };
  const { pathname, search: query, hash } = window.location;
  const isThere = address === pathname + query + hash;
  const replace = () => {
    change.isGiven = false;
    window.history.replaceState(state, "", address);
  };
  if (isThere && window.history.state?.consumo === search) change.isGiven = false;
  else if (window.history.state?.consumo === undefined && change.number === 0) replace();
  // The parts of a given change come one after another; the whole of it has an entry already.
  else if (change.isGiven) settling = setTimeout(replace, SETTLE_MS);
  else if (written === change.number) replace();
  else window.history.pushState(state, "", address);
  written = change.number;
}

function firstSearch() {
  return window.history.state?.consumo ?? window.location.search;
}

window.addEventListener("popstate", () => {
  clearTimeout(settling);
  begin(true);
  setProps(ids.ACTION, {
    data: { kind: "restore", value: firstSearch(), at: performance.now() },
  });
});

module.exports = {
  changeBegins: () => begin(false),
  changeIsGiven: () => begin(true),
  firstSearch,
  writeEntry,
};
