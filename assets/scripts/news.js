/* The note that numbers have changed by themselves, because newer data came.

   Gives: `tellNews()`, which shows the note in the header for a while, and tells the event
   "consumo:news" to whatever shows something of the data besides the panels.
   Example: timeline.js hears the event and asks for its case again. */
const ids = require("./ids");
const { newestOnly, wait } = require("./timing");

const SHOWN_MS = 10000;

const begin = newestOnly();

function tellNews() {
  const note = document.querySelector(`#${ids.NEWS} > span`);
  note.hidden = false;
  window.dispatchEvent(new CustomEvent("consumo:news"));
  const isNewest = begin();
  wait(SHOWN_MS).then(() => {
    if (isNewest()) note.hidden = true;
  });
}

module.exports = { tellNews };
