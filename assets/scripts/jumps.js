/* Jumps within the page, for eyes and for readers of screens.

   Given: a press of actions.js: its value, the link, the event.
   Gives: `goToPanel(slug, link, event)`, to a panel; `skipToNumbers`, past the filters.
   Example: goToPanel("failures", link, event) scrolls to the panel of failures and focuses it. */
const ids = require("./ids");

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function goToPanel(slug, _link, event) {
  event.preventDefault(); // the address holds what is selected, and no place
  const panel = document.getElementById(ids.panel(slug));
  panel.tabIndex = -1;
  panel.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
  panel.focus({ preventScroll: true });
}

function skipToNumbers(_value, _link, event) {
  event.preventDefault();
  const numbers = document.getElementById(ids.PANELS);
  numbers.tabIndex = -1;
  numbers.focus({ preventScroll: true });
  numbers.scrollIntoView({ block: "start", behavior: "auto" });
}

module.exports = { goToPanel, skipToNumbers };
