/* What the page does when the server does not answer as it should: it says so, greys the numbers that
   it has, and asks for all of them again until answers come.

   Given, by answers.js: which call failed or succeeded, each by its output.
   Gives to it: `failed(output)` and `succeeded(output)`. When all is asked for again, the event
   "consumo:again" tells whatever shows something of the data besides the panels.
   Example: after failed("panel-cases.className") the note ids.LOST_NOTE is shown, until
   succeeded("panel-cases.className"). */
const { askAgain } = require("./asking");
const { propsOf, setProps } = require("./dash");
const ids = require("./ids");

const FIRST_MS = 5000; // a failed call is followed by a try after so long, and later ones after
const LONGEST_MS = 60000; // twice as long each, up to this

const missing = new Set(); // outputs whose newest call failed
let pause = FIRST_MS;
let timer = null; // set while a try is to come
let askedAgainAt = -Infinity;

function show() {
  const lost = missing.size > 0;
  document.documentElement.classList.toggle("lost", lost);
  const note = document.getElementById(ids.LOST_NOTE);
  if (!note) return;
  note.hidden = !lost;
  const hasNumbers = Boolean(document.querySelector(".panel:is(.state-ready, .state-empty)"));
  const [withNumbers, without] = note.children;
  withNumbers.hidden = !hasNumbers;
  without.hidden = hasNumbers;
}

function failed(output) {
  missing.add(output);
  show();
  if (timer === null) timer = setTimeout(tryAgain, pause);
}

function succeeded(output) {
  missing.delete(output);
  // What else is missing is asked for at once, though not over and over while it keeps failing.
  if (missing.size && performance.now() - askedAgainAt > pause) askForAll();
  if (missing.size) {
    show();
    return;
  }
  clearTimeout(timer);
  timer = null;
  pause = FIRST_MS;
  show();
}

function askForAll() {
  askedAgainAt = performance.now();
  askAgain();
  window.dispatchEvent(new CustomEvent("consumo:again"));
}

/* One call finds out whether the server is back: the one for newer data. */
function tryAgain() {
  pause = Math.min(2 * pause, LONGEST_MS);
  timer = setTimeout(tryAgain, pause);
  const { interval, n_intervals: polls } = propsOf(ids.POLL);
  if (interval) setProps(ids.POLL, { n_intervals: (polls || 0) + 1 });
}

module.exports = { failed, succeeded };
