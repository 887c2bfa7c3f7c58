/* Writes the period on its button, and marks its preset in the menu.

   Given: the period of the filters, { start, end, preset }; whether it is the default; the store's
   status (see period_presets.js).
   Gives: `periodText(period, today)`, the period as people read it; `presetName(preset)`, its name;
   `showPeriod(period, isDefault, status)`, which writes both on the button; without a period the button
   says that there is none that can be used.
   Example: periodText(["2026-10-03", "2026-11-01"]) is "03/10/2026 – 01/11/2026", and with today in the
   same year "03/10 – 01/11". */
const { writtenDay } = require("./dates");
const ids = require("./ids");
const { pageTexts } = require("./page_texts");
const { presetPeriod } = require("./period_presets");
const { same } = require("./values");

function periodText([start, end], today = "") {
  const year = today.slice(0, 4);
  const isThisYear = year !== "" && [start, end].every((day) => day.startsWith(`${year}-`));
  const written = (day) => writtenDay(day).slice(0, isThisYear ? 5 : undefined);
  return start === end ? written(start) : `${written(start)} – ${written(end)}`;
}

const presetName = (preset) => pageTexts("words").presets[preset] || "";

/* The default period are the last 30 days, where there are data of today. */
function nameOf({ start, end, preset }, isDefault, status) {
  if (preset) return presetName(preset);
  if (!isDefault) return "";
  const isUpToNow = same([start, end], presetPeriod("last30", status));
  return isUpToNow ? presetName("last30") : pageTexts("words").default_period;
}

function showPeriod(period, isDefault, status) {
  const face = document.getElementById(ids.PERIOD_FACE);
  const name = period ? nameOf(period, isDefault, status) : pageTexts("words").no_period;
  const days = period ? periodText([period.start, period.end], name && status.today) : "";
  const text = [name, days].filter(Boolean).join(" · ");
  if (face.textContent !== text) {
    face.textContent = text;
    face.title = text;
  }
  for (const button of document.querySelectorAll('[data-action="preset"]')) {
    const isCurrent = name !== "" && name === presetName(button.dataset.value);
    if (isCurrent) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

module.exports = { periodText, presetName, showPeriod };
