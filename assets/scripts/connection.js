/* Handles a server that does not answer as it should: shows a note, greys the numbers of the page, and
   asks again until answers come.

   Given: calls of answers.js, each named by its output.
   Gives to it: `failed(output)` and `succeeded(output)`, to be called after each call. When all panels
   are asked again, window gets the event "consumo:again"; parts that show data outside the panels,
   such as timeline.js, listen to it.
   Example: after failed("answers.data") the note ids.LOST_NOTE is shown, until
   succeeded("answers.data"). */
const { openAlert, propsOf, setProps } = require("./dash");
const ids = require("./ids");
const { askAgainForOptions } = require("./options");
const { tellError } = require("./portal");
const { askAgain } = require("./question");

const FIRST_MS = 5000; // the first try comes so long after a failed call; each pause is twice as long
const LONGEST_MS = 60000; // as the one before, up to this

const missing = new Set(); // outputs whose newest call failed
let pause = FIRST_MS;
let timer = null; // of the next try; null while nothing is missing
let askedAgainAt = -Infinity;

function show() {
  const lost = missing.size > 0;
  document.documentElement.classList.toggle("lost", lost);
  // Of the note's two sentences, styles/header.css shows the one that is true.
  const hasNumbers = Boolean(document.querySelector(".panel:is(.state-ready, .state-empty)"));
  document.documentElement.classList.toggle("without-numbers", lost && !hasNumbers);
  openAlert(ids.LOST_NOTE, lost);
}

function failed(output) {
  missing.add(output);
  show();
  const sentences = [...document.querySelectorAll(`#${ids.LOST_NOTE} span`)];
  const shown = sentences.find((sentence) => sentence.offsetParent !== null);
  tellError("unreachable", shown?.textContent);
  if (timer === null) timer = setTimeout(tryAgain, pause);
}

function succeeded(output) {
  missing.delete(output);
  // The server is back: ask for all that is missing, but only once in a pause while it keeps failing.
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
  askAgainForOptions();
  window.dispatchEvent(new CustomEvent("consumo:again"));
}

/* Tries whether the server is back, with the call for newer data alone. */
function tryAgain() {
  pause = Math.min(2 * pause, LONGEST_MS);
  timer = setTimeout(tryAgain, pause);
  const { interval, n_intervals: polls } = propsOf(ids.POLL);
  if (interval) setProps(ids.POLL, { n_intervals: (polls || 0) + 1 });
}

// Whoever has signed in again need not wait for the next try.
window.addEventListener("consumo:signed-in", () => {
  clearTimeout(timer);
  if (missing.size) tryAgain();
});

module.exports = { failed, succeeded };
