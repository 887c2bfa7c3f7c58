/* Makes the chips: each names a selected value and has a button that removes it.

   Given: the filters of a question, in the form of the address.
   Gives: `chipsOf(raw)`, the chips as trees of html_tree.js, [] where no filter is set;
   `inShort(filter, values)`, the filter's `label`, the `first` values of it, and as `rest` a text with
   the number of the others, "" without any; `shortLabel(text)`, a label cut to the length of a chip.
   Example: chipsOf({ channel: ["whats"] }) shows "Canal: WhatsApp ×" and "Limpar filtros". */
const { filters } = require("./constants");
const { isDay } = require("./dates");
const { filterLabels, labelIn } = require("./filter_labels");
const { element } = require("./html_tree");
const { periodText } = require("./period_button");
const { isLocked } = require("./portal");
const { filled, number, shortened } = require("./text");

const LONGEST_CHIP = 40; // characters
const MOST_CHIPS = 6; // of a filter; the others are one chip with their number

function chipsOf(raw) {
  const names = Object.keys(raw);
  if (!names.length) return [];
  const attributes = { type: "button", className: "link-button", "data-action": "clear" };
  return [
    ...chipsOfPeriod(raw),
    ...filters.flatMap((name) => chipsOfFilter(raw, name)),
    ...(names.every(isLocked) ? [] : [element("button", attributes, filterLabels().clear)]),
  ];
}

/* Returns the chip of the period, or none for the default period. */
function chipsOfPeriod({ start, end }) {
  const period = [...(start || []), ...(end || [])];
  if (period.length !== 2 || !period.every(isDay)) return [];
  return [chip("period", filterLabels().labels.period, "", periodText(period))];
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
  if (isLocked(filter === "period" ? "start" : filter)) {
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
