/* The labels of filters and of their values.

   Given: `chip_labels` of components/widgets.py, through page_texts.js.
   Gives: `filterLabels()`, all of them; `valueLabel(filter, value)`, the label of a value, or the
   value itself where it has none; `labelIn(raw, filter, value)`, its label beside the other filters of
   a question.
   Example: labelIn({ direction: ["in"] }, "status", "read") is "Tratada", since among received
   messages alone "read" means that somebody handled the message. */
const { pageTexts } = require("./page_texts");
const { own } = require("./values");

const filterLabels = () => pageTexts("words");

const valueLabel = (filter, value) => own(filterLabels().values[filter], value) || value;

function labelIn(raw, filter, value) {
  const directions = raw.direction || [];
  const isOneDirection = filter === "status" && directions.length === 1;
  const label = isOneDirection && own(own(filterLabels().statuses, directions[0]), value);
  return label || valueLabel(filter, value);
}

module.exports = { filterLabels, labelIn, valueLabel };
