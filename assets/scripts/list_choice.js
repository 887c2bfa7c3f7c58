/* Narrows the rows of a list panel to those with the code of a pressed button.

   Given: a press (actions.js) on a count above a list, such as those of components/panels/waiting.py:
   data-value is the code, data-name the id of a store (ids.choice).
   Gives: `chooseRows(code, button)`, which writes the code into the store; a second press on the same
   button writes null, which lists all rows.
   Example: chooseRows("under_2h", button) lists the cases with less than two hours left. */
const { propsOf, setProps } = require("./dash");

function chooseRows(code, button) {
  const store = button.dataset.name;
  const { data: chosen } = propsOf(store);
  setProps(store, { data: chosen === code ? null : code });
}

module.exports = { chooseRows };
