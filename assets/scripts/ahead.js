/* Asks the server in advance for what the reader is about to choose: the option of a filter, the preset of
   the period or the page of the table on which the pointer, or the focus of the keyboard, rests.

   The answer goes to the answers that the page keeps, and is shown only if it is chosen. One question at a
   time is on its way; it is dropped when the pointer moves on. Nothing is asked while the page waits for
   an answer or is hidden, for readers who save data, or where the deployment does not want it.

   Given, by callbacks/ahead.py: the server's answers.
   Gives to it: `takeAnswersAhead({ answers })`, without a value.
   Example: a pointer that rests for 80 ms on the button to page 2 lets the page ask for the table's second
   page; a press on the button then asks nobody. */
const { drop, isRefused, land, refuse, takeOff } = require("./ahead_flight");
const { choiceOf, choosable } = require("./choices");
const { setProps } = require("./dash");
const { hasStarted } = require("./filters");
const ids = require("./ids");
const { whenDrawn } = require("./page_drawn");
const { isQuiet, questionAhead, takeAhead } = require("./question");

const REST_MS = 80; // a pointer that rests for so long is about to press

const places = { pointer: null, focus: null }; // the elements on which they rest
let resting = null; // that of both on which one came to rest last
let timer = null;

const isWelcome = () =>
  document.visibilityState === "visible" && !navigator.connection?.saveData && !isRefused();

function ask() {
  if (!resting?.isConnected || !hasStarted() || !isQuiet() || !isWelcome()) return;
  const choice = choiceOf(resting);
  const question = choice && questionAhead(choice);
  if (!question) return;
  const number = takeOff(question.keys);
  setProps(ids.AHEAD_QUESTION, { data: { ...question.data, number } });
}

/* A page that scrolls below a still pointer takes nothing from the focus. */
function rest(kind, found) {
  places[kind] = found;
  const element = found || places.pointer || places.focus;
  if (element === resting) return;
  clearTimeout(timer);
  drop();
  resting = element;
  if (element) timer = setTimeout(ask, REST_MS);
}

function watch() {
  document.addEventListener("pointerover", ({ target, pointerType }) => {
    if (pointerType !== "touch") rest("pointer", choosable(target));
  });
  document.documentElement.addEventListener("pointerleave", () => rest("pointer", null));
  document.addEventListener("focusin", ({ target }) => {
    rest("focus", target.matches(":focus-visible") ? choosable(target) : null);
  });
  document.addEventListener("focusout", () => rest("focus", null));
  document.addEventListener("visibilitychange", () => {
    rest("pointer", null);
    rest("focus", null);
  });
  // What the pointer rests on may mean something new: after a press on the next page, the page after it.
  window.addEventListener("consumo:quiet", () => {
    clearTimeout(timer);
    if (resting) timer = setTimeout(ask, REST_MS);
  });
}

function takeAnswersAhead({ answers }) {
  if (!answers) return;
  const answer = JSON.parse(answers);
  const keys = land(answer.number);
  if (!keys) return;
  if (!Object.keys(answer.parts).length) refuse();
  takeAhead(answer, keys);
}

whenDrawn((page) => {
  if (page.dataset.asksAhead === "true") watch();
});

module.exports = { takeAnswersAhead };
