/* Marks panels that wait for an answer: a moving line after SLOW_MS, and grey numbers after LATE_MS where
   they belong to other filters than those asked for.

   Given: the panels' cards; styles/panels.css draws the line, styles/stale_numbers.css greys.
   Gives: `waits(slug, isOld)`, where `isOld()` tells whether the panel shows another question's numbers;
   `waitsNoMore(slug)`; `isLost(slug)`, which takes away the line, since nothing is on its way any more.
   Example: a panel that is asked with other filters and answered after 3 s was grey for one second. */
const ids = require("./ids");

const SLOW_MS = 300;
const LATE_MS = 2000;

const timers = new Map(); // by slug: the timers of a panel that waits

const cardOf = (slug) => document.getElementById(ids.panel(slug));

function mark(slug, name) {
  const card = cardOf(slug);
  if (card) card.dataset[name] = "";
}

function unmark(slug, name) {
  const card = cardOf(slug);
  if (card && name in card.dataset) delete card.dataset[name];
}

function waits(slug, isOld) {
  const running = timers.get(slug) || {};
  running.slow = running.slow || setTimeout(mark, SLOW_MS, slug, "slow");
  // Numbers of the question that is asked for stay as they are.
  if (!isOld()) {
    clearTimeout(running.late);
    running.late = null;
    unmark(slug, "late");
  } else {
    running.late = running.late || setTimeout(mark, LATE_MS, slug, "late");
  }
  timers.set(slug, running);
}

function waitsNoMore(slug) {
  isLost(slug);
  clearTimeout(timers.get(slug)?.late);
  timers.delete(slug);
  unmark(slug, "late");
}

function isLost(slug) {
  const running = timers.get(slug);
  if (!running) return;
  clearTimeout(running.slow);
  running.slow = null;
  unmark(slug, "slow");
}

module.exports = { isLost, waits, waitsNoMore };
