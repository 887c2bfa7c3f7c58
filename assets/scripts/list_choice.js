/* The code by which the reader narrows the rows of a list panel.

   Given: a press of actions.js on a count above a list, such as those of components/panels/waiting.py:
   its value is the code, its name the id of the store that ids.choice makes.
   Gives: `chooseRows(code, button)`: the store gets the code, or null when it had this code already.
   Example: chooseRows("under_2h", button) lists the cases with less than two hours left. */
const { propsOf, setProps } = require("./dash");

function chooseRows(code, button) {
  const store = button.dataset.name;
  const { data: chosen } = propsOf(store);
  setProps(store, { data: chosen === code ? null : code });
}

module.exports = { chooseRows };
