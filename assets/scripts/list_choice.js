/* What a reader chooses in a list panel: which rows, how many of them, and in which order.

   Given: a press (actions.js) on a button of a list, such as those of components/panels/waiting.py:
   data-value is the choice, data-name the id of the store that keeps it (ids.choice, ids.more, ids.order).
   Gives: `chooseRows(code, button, event)`, which writes a code into the store, "" for all rows; a second
   press on the same button lists all rows again, unless it leads to the list (data-go);
   `showMore(rows, button)`, which shows so many rows of the present question; `orderRows(order, button)`.
   Example: chooseRows("under_2h", button) lists the cases with less than two hours left. */
const { propsOf, setProps } = require("./dash");
const ids = require("./ids");
const { goToPanel } = require("./jumps");

function chooseRows(code, button, event) {
  const { name: store, go } = button.dataset;
  const { data: chosen = null } = propsOf(store);
  const next = !code || (chosen === code && !go) ? null : code;
  if (next !== chosen) setProps(store, { data: next });
  if (go) goToPanel(go, button, event);
}

function showMore(rows, button) {
  const { data: applied } = propsOf(ids.APPLIED);
  setProps(button.dataset.name, { data: { rows: Number(rows), raw: applied.raw } });
}

const orderRows = (order, button) => setProps(button.dataset.name, { data: order || null });

module.exports = { chooseRows, orderRows, showMore };
