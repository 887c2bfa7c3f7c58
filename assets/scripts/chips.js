/* Makes the chips: each names a selected value and has a button that removes it.

   Given: the filters of a question, in the form of the address.
   Gives: `chipsOf(raw)`, the line of chips as trees of html_tree.js, [] where no filter is set: the chips,
   the menu of those that have no room in the line (chip_line.js), and the button that clears all;
   `inShort(filter, values)`, the filter's `label`, the `first` values of it, and as `rest` a text with
   the number of the others, "" without any; `shortLabel(text)`, a label cut to the length of a chip;
   `LISTED`, how many values of a filter the menu names one by one.
   Example: chipsOf({ channel: ["whats"] }) shows "Canal: WhatsApp ×" and "Limpar filtros". */
const { isOfPeriod } = require("./address");
const { filters } = require("./constants");
const { filterLabels, labelIn } = require("./filter_labels");
const { element } = require("./html_tree");
const { isLocked } = require("./portal");
const { filled, number, shortened } = require("./text");

const LONGEST_CHIP = 40; // characters
const MOST_SHORT = 6; // values of a filter in a picture or in print; the others are a number
const MOST_IN_LINE = 12; // chips; no screen has room for more in one line
const LISTED = 50; // values of a filter that the menu names one by one

function chipsOf(raw) {
  // The period stands on its own button.
  const names = Object.keys(raw).filter((name) => !isOfPeriod(name));
  if (!names.length) return [];
  const chips = filters.flatMap((name) => chipsOfFilter(raw, name));
  const clear = { type: "button", className: "link-button", "data-action": "clear" };
  return [
    ...(chips.length ? [line(chips), menu(chips)] : []),
    ...(names.every(isLocked) ? [] : [element("button", clear, filterLabels().clear)]),
  ];
}

/* Each chip is { filter, value, text, title, count }: `count` says for how many values it stands. */
function chipsOfFilter(raw, filter) {
  const label = filterLabels().labels[filter];
  const values = (raw[filter] || []).filter(Boolean);
  const chips = values
    .slice(0, LISTED)
    .map((value) => chip(filter, label, value, labelIn(raw, filter, value)));
  const count = values.length - LISTED;
  if (count <= 0) return chips;
  const text = filled(filterLabels().rest, { label, count: number(count) });
  return [...chips, { filter, isRest: true, text, count }];
}

function chip(filter, label, value, valueLabel) {
  const title = value.length > LONGEST_CHIP ? value : undefined;
  return { filter, value, text: `${label}: ${shortLabel(valueLabel)}`, title, count: 1 };
}

const shortLabel = (text) => shortened(text, LONGEST_CHIP);

function inShort(filter, values) {
  const label = filterLabels().labels[filter];
  const more = values.length - MOST_SHORT;
  const rest = more > 0 ? filled(filterLabels().rest, { label, count: number(more) }) : "";
  return { label, first: values.slice(0, MOST_SHORT), rest };
}

const line = (chips) =>
  element(
    "div",
    { className: "chip-row" },
    ...chips
      .filter(({ isRest }) => !isRest)
      .slice(0, MOST_IN_LINE)
      .map((one) => drawn(one, "chip", "chip-remove")),
  );

/* The menu names all chips; chip_line.js hides those that have room in the line. */
function menu(chips) {
  const face = { className: "chips-more-button", title: filterLabels().more_chips };
  const entries = chips.map((one) => drawn(one, "chip-entry", "entry-remove"));
  return element(
    "details",
    { className: "menu chips-more", hidden: true },
    element("summary", face),
    element("div", { className: "menu-body menu-right chip-entries" }, ...entries),
  );
}

function drawn({ filter, value, text, title, isRest, count }, className, removeClass) {
  const attributes = { className, title, "data-count": count };
  // Of what the portal has set for good nothing can be removed.
  if (isLocked(filter)) {
    return element("span", { ...attributes, className: `${className} chip-rest` }, text);
  }
  const remove = {
    type: "button",
    className: removeClass,
    "aria-label": filled(filterLabels().remove, { chip: text }),
    "data-action": isRest ? "remove-rest" : "remove",
    "data-name": filter,
    "data-value": value,
  };
  return element(
    "span",
    attributes,
    element("span", {}, text),
    element("button", remove, "\u00d7"),
  );
}

module.exports = { LISTED, chipsOf, inShort, shortLabel };
