/* Registers the functions that Dash's callbacks call in the browser; callbacks/clientside.py wires them.

   Given: arguments by name, from the callbacks.
   Gives: to Dash window.dash_clientside.consumo with each function under its name, and `inOrder(answer,
   paths)`, which puts the named values of an answer into the order of the callback's outputs; it also
   takes a promise of an answer.
   Example: inOrder({ lists: { channel: [] } }, [["start"], ["lists", "channel"]]) is [no update, []]:
   an output without a value stays as it is. */
const { takeAnswersAhead } = require("./ahead");
const { panelQuestion, tableQuestion } = require("./asking");
const { keep } = require("./dash");
const { casesLeft } = require("./filter_sheet");
const { changeControls } = require("./filters");
const { takeStatus } = require("./news");
const { offeredOptions, searchOptions } = require("./options");
const { paintLook } = require("./painting");
const { askAtOnce, pageQuestion } = require("./question");
const { showSelection } = require("./selection");
const { shownColumns } = require("./table_columns");

const valueAt = (answer, path) =>
  path.reduce((part, name) => (part === undefined ? part : part[name]), answer);

function ordered(answer, paths) {
  return paths.map((path) => {
    const value = valueAt(answer, path);
    return value === undefined ? keep() : value;
  });
}

const inOrder = (answer, paths) =>
  answer instanceof Promise
    ? answer.then((value) => ordered(value, paths))
    : ordered(answer, paths);

/* Asks the new question at once: Dash would bring it some frames later. */
async function askPanelQuestion(given) {
  const applied = await panelQuestion(given);
  askAtOnce(applied);
  return applied;
}

const consumo = {
  casesLeft,
  changeControls,
  inOrder,
  offeredOptions,
  pageQuestion,
  paintLook,
  panelQuestion: askPanelQuestion,
  searchOptions,
  showSelection,
  shownColumns,
  tableQuestion,
  takeAnswersAhead,
  takeStatus,
};
window.dash_clientside = { ...window.dash_clientside, consumo };

module.exports = { inOrder };
