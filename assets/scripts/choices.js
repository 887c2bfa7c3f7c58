/* Tells what a press on an element would choose: the option of a filter, the preset of the period, or another
   page of the table.

   Given: the elements as Dash has drawn them; the present values of the controls.
   Gives: `choosable(node)`, the element around a node whose press chooses something, or null;
   `choiceOf(element)`, { raw } with all filters as the press would leave them, in the form of the address,
   or { page }; null where the press would change nothing.
   Example: for the button to the table's second page it is { page: 1 }. */
const { filtersIn } = require("./asking");
const { filters } = require("./constants");
const { propsOf } = require("./dash");
const { controlsAfter } = require("./filters");
const ids = require("./ids");
const { pageOfButton } = require("./table");

const CHOICES = `.dash-dropdown-option, [data-action=preset], #${ids.TABLE} button`;

const choosable = (node) => node?.closest?.(CHOICES) || null;

function choiceOf(element) {
  if (element.matches(`#${ids.TABLE} button`)) {
    const page = pageOfButton(element);
    return page === null ? null : { page };
  }
  const change = changeOf(element);
  return change && { raw: filtersAfter(change) };
}

/* Returns what changes of the controls, as `controlsAfter` takes it, or null. */
function changeOf(element) {
  if (element.matches("[data-action=preset]")) return { preset: element.dataset.value };
  const { value } = element.querySelector("input") || {};
  const filter = element.closest(".control[data-filter]")?.dataset.filter;
  if (filter && value !== undefined) return { filter, value };
  return element.closest(".control-basis") ? { basis: value } : null;
}

function filtersAfter(change) {
  const { data: status } = propsOf(ids.STATUS);
  const given = {
    status,
    period: propsOf(ids.PERIOD).data,
    basis: propsOf(ids.BASIS).value,
    held: propsOf(ids.HELD).data,
    lists: Object.fromEntries(filters.map((name) => [name, propsOf(ids.control(name)).value])),
  };
  return filtersIn({ ...controlsAfter(change, given), status });
}

module.exports = { choiceOf, choosable };
