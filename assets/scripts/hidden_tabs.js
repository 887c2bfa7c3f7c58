/* Stops the page's timers while its tab is hidden, so that it sends no requests.

   Given: the intervals of components/layout.py: one asks for newer data (each
   CONSUMO_REFRESH_SECONDS), the other updates panels about the present each minute.
   Gives: nothing to other scripts.
   Example: when the tab is shown again, both timers go on. */
const { setProps } = require("./dash");
const ids = require("./ids");

document.addEventListener("visibilitychange", () => {
  for (const id of [ids.POLL, ids.MINUTE]) setProps(id, { disabled: document.hidden });
});
