/* Writes the period on its button, and marks the shortcut of the menu with the same days.

   Given: the period, [first day, last day]; the store's status (see period_presets.js).
   Gives: `periodText(period)`, the period as people read it; `showPeriod(period, status)`, which writes
   it on the button, unless a day is missing, and marks the first shortcut with these days.
   Example: periodText(["2026-10-03", "2026-11-01"]) is "03/10/2026 – 01/11/2026". */
const { writtenDay } = require("./dates");
const ids = require("./ids");
const { presetPeriod } = require("./period_presets");
const { same } = require("./values");

function periodText([start, end]) {
  const [first, last] = [writtenDay(start), writtenDay(end)];
  return first === last ? first : `${first} – ${last}`;
}

function showPeriod(period, status) {
  if (period[0] && period[1]) {
    document.getElementById(ids.PERIOD_FACE).textContent = periodText(period);
  }
  const buttons = [...document.querySelectorAll('[data-action="preset"]')];
  const current = buttons.find((button) =>
    same(presetPeriod(button.dataset.value, status), period),
  );
  for (const button of buttons) {
    if (button === current) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

module.exports = { periodText, showPeriod };
