/* Lets the browser put off the layout of panels that are not seen while a change is painted, since laying out
   and drawing the whole page takes longer than what the reader sees of it.

   Given: the panels' cards; styles/panels.css leaves out what is inside a card with `data-unrendered` while it
   is off the screen. Its height is the last that it had.
   Gives: `renderLater(slugs)`; `renderNow(slugs)`, for panels that come into view. What was put off is done
   when the page has been at rest for REST_MS, a panel in each idle moment.
   Example: after renderLater(["details"]) a press does not wait for the rows of the table. */
const ids = require("./ids");
const { whenIdle } = require("./timing");

const REST_MS = 500;
const IDLE_MS = 500; // in an idle moment, or after this time

const unrendered = new Set(); // slugs
let begun = null; // the timer of the rendering

const cardOf = (slug) => document.getElementById(ids.panel(slug));

function renderLater(slugs) {
  for (const slug of slugs) {
    unrendered.add(slug);
    cardOf(slug).dataset.unrendered = "";
  }
  clearTimeout(begun);
  if (unrendered.size) begun = setTimeout(renderInTurn, REST_MS);
}

function renderNow(slugs) {
  for (const slug of slugs) if (unrendered.delete(slug)) delete cardOf(slug).dataset.unrendered;
}

function renderInTurn() {
  whenIdle(() => {
    renderNow([...unrendered].slice(0, 1));
    if (unrendered.size) renderInTurn();
  }, IDLE_MS);
}

module.exports = { renderLater, renderNow };
