/* Tells readers and scripts that newer data came.

   Given: the note of components/layout.py in the header.
   Gives: `tellNews()`, which shows the note for 10 s and sends window the event "consumo:news", for
   parts that show data outside the panels.
   Example: timeline.js listens to the event and asks for its case again. */
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
