/* Takes over that newer data came, and tells readers and scripts.

   Given: the note of components/layout.py in the header; the newer status, by callbacks/freshness.py.
   Gives: to it `takeStatus({ status })`, which puts the status where all callbacks find it; to scripts
   `tellNews()`, which shows the note for 10 s and sends window the event "consumo:news", for parts that
   show data outside the panels.
   Example: timeline.js listens to the event and asks for its case again. */
const { setProps } = require("./dash");
const ids = require("./ids");
const { newestOnly, wait } = require("./timing");

const SHOWN_MS = 10000;

const begin = newestOnly();

const takeStatus = ({ status }) => setProps(ids.STATUS, { data: status });

function tellNews() {
  const note = document.querySelector(`#${ids.NEWS} > span`);
  note.hidden = false;
  window.dispatchEvent(new CustomEvent("consumo:news"));
  const isNewest = begin();
  wait(SHOWN_MS).then(() => {
    if (isNewest()) note.hidden = true;
  });
}

module.exports = { takeStatus, tellNews };
