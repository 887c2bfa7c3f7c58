/* Scrolls to a part of the page and moves the focus there.

   Given: a press (actions.js) on a link: its value, the link, the event.
   Gives: `goToPanel(slug, link, event)`, which goes to a panel; `skipToNumbers(value, link, event)`,
   which skips the filters.
   Example: goToPanel("failures", link, event) scrolls to the panel of failures and focuses it. */
const ids = require("./ids");

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

function goToPanel(slug, _link, event) {
  event.preventDefault(); // the address has the filters, and no #place
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
