/* Asks for what a press chooses at once: Dash tells of it some frames later.

   Given: presses on what choices.js knows, but for the pages of the table.
   Gives: nothing to other scripts; question.js asks, and takes the press back where Dash does not tell the
   same.
   Example: a press on the option "whats" of the filter of channels asks the server before the list shows
   that it is selected. */
const { choiceOf, choosable } = require("./choices");
const { hasStarted } = require("./filters");
const { askAtPress } = require("./question");

document.addEventListener(
  "click",
  ({ target }) => {
    const element = choosable(target);
    const { raw } = (element && hasStarted() && choiceOf(element)) || {};
    // The table turns its pages itself, counting from the page that it shows.
    if (raw) askAtPress(raw);
  },
  true,
);
