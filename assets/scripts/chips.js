/* Makes the chips: each names a selected value and has a button that removes it.

   Given: the filters of a question, in the form of the address.
   Gives: `chipsOf(raw)`, the chips as trees of html_tree.js, [] where no filter is set;
   `inShort(filter, values)`, the filter's `label`, the `first` values of it, and as `rest` a text with
   the number of the others, "" without any; `shortLabel(text)`, a label cut to the length of a chip.
   Example: chipsOf({ channel: ["whats"] }) shows "Canal: WhatsApp ×" and "Limpar filtros". */
const { isOfPeriod } = require("./address");
const { filters } = require("./constants");
const { filterLabels, labelIn } = require("./filter_labels");
const { element } = require("./html_tree");
const { isLocked } = require("./portal");
const { filled, number, shortened } = require("./text");

const LONGEST_CHIP = 40; // characters
const MOST_CHIPS = 6; // of a filter; the others are one chip with their number

function chipsOf(raw) {
  // The period stands on its own button.
  const names = Object.keys(raw).filter((name) => !isOfPeriod(name));
  if (!names.length) return [];
  const attributes = { type: "button", className: "link-button", "data-action": "clear" };
  return [
    ...filters.flatMap((name) => chipsOfFilter(raw, name)),
    ...(names.every(isLocked) ? [] : [element("button", attributes, filterLabels().clear)]),
  ];
}

function chipsOfFilter(raw, filter) {
  const { label, first, rest } = inShort(filter, (raw[filter] || []).filter(Boolean));
  const chips = first.map((value) => chip(filter, label, value, labelIn(raw, filter, value)));
  return rest ? [...chips, element("span", { className: "chip chip-rest" }, rest)] : chips;
}

function inShort(filter, values) {
  const label = filterLabels().labels[filter];
  const more = values.length - MOST_CHIPS;
  const rest = more > 0 ? filled(filterLabels().rest, { label, count: number(more) }) : "";
  return { label, first: values.slice(0, MOST_CHIPS), rest };
}

const shortLabel = (text) => shortened(text, LONGEST_CHIP);

function chip(filter, label, value, valueLabel) {
  const text = `${label}: ${shortLabel(valueLabel)}`;
  // Of what the portal has set for good nothing can be removed.
  if (isLocked(filter)) {
    return element("span", { className: "chip chip-rest" }, text);
  }
  const remove = {
    type: "button",
    className: "chip-remove",
    "aria-label": filled(filterLabels().remove, { chip: text }),
    "data-action": "remove",
    "data-name": filter,
    "data-value": value,
  };
  return element(
    "span",
    { className: "chip", ...(value.length > LONGEST_CHIP ? { title: value } : {}) },
    element("span", {}, text),
    element("button", remove, "\u00d7"),
  );
}

module.exports = { chipsOf, inShort, shortLabel };
