/* A page that nobody sees asks for nothing: while its tab is hidden, its intervals stand still.

   Given: the intervals of components/layout.py, which ask every few seconds whether there is newer
   data (CONSUMO_REFRESH_SECONDS), and every minute who waits now.
   Gives: nothing to other scripts.
   Example: a tab that comes to the front again goes on asking. */
const { setProps } = require("./dash");
const ids = require("./ids");

document.addEventListener("visibilitychange", () => {
  for (const id of [ids.POLL, ids.MINUTE]) setProps(id, { disabled: document.hidden });
});
