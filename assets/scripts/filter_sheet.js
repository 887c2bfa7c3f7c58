/* The filters on a phone, which unfold over the page: their foot says how many cases they leave, and closes
   them.

   Given, by callbacks/options.py: the number of cases that the filters leave, as a text, and the cases
   that are picked; a press (actions.js) on a button of the foot.
   Gives to it: `casesLeft(given)`, the text of the button that closes them; to scripts
   `foldFilters(which)`, which closes them and goes to the numbers, or back to the button "Filters".
   Example: casesLeft({ all: "1.710 casos", picked: [] }) is ["Ver 1.710 casos"]. */
const ids = require("./ids");
const { skipToNumbers } = require("./jumps");
const { filled, number } = require("./text");

function casesLeft({ all, picked }) {
  const words = document.getElementById(ids.SHOW_CASES).dataset;
  const count = (picked || []).length;
  const few = count === 1 ? words.one : filled(words.many, { count: number(count) });
  return [filled(words.show, { cases: count ? few : all })];
}

function foldFilters(which, _button, event) {
  const fold = document.getElementById(ids.FOLD);
  fold.open = false;
  if (which === "see") skipToNumbers(which, fold, event);
  else fold.querySelector("summary").focus();
}

module.exports = { casesLeft, foldFilters };
