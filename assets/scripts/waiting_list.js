/* Which of those who wait are listed.

   Given: a press of actions.js on a count of components/panels/waiting.py, its value a window.
   Gives: `listWindow(name)`: the store ids.WAITING_WINDOW gets the window; all are listed again when
   the same count is pressed again.
   Example: listWindow("under_2h") lists those with less than two hours left. */
const { propsOf, setProps } = require("./dash");
const ids = require("./ids");

function listWindow(name) {
  const { data: listed } = propsOf(ids.WAITING_WINDOW);
  setProps(ids.WAITING_WINDOW, { data: listed === name ? null : name });
}

module.exports = { listWindow };
