/* Opens the drawer with the state of the sources, and asks the server for it.

   Given: a press (actions.js) on a button with data-action="sources".
   Gives: `openSources(_value, trigger)`, where `trigger` gets the focus back; to callbacks/sources.py
   a new value of the store ids.SOURCES_ASKED, again and again while the drawer is open and its tab shown.
   Example: openSources("", button) shows when each source was last read. */
const { setProps } = require("./dash");
const drawer = require("./drawer");
const ids = require("./ids");

const AGAIN_MS = 5000; // a source may note its state without new data

const ask = () => setProps(ids.SOURCES_ASKED, { data: performance.now() });

function openSources(_value, trigger) {
  setProps(ids.SOURCES_BODY, { content: [] });
  ask();
  drawer.open(ids.SOURCES, trigger);
}

const askAgain = () => {
  if (!document.hidden && drawer.isOpen(ids.SOURCES)) ask();
};
setInterval(askAgain, AGAIN_MS);
for (const kind of ["consumo:news", "consumo:again"]) window.addEventListener(kind, askAgain);

module.exports = { openSources };
