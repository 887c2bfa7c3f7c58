/* What the callbacks of callbacks/clientside.py call in the browser, all in one place.

   Given: arguments by name, as the callbacks hand them over.
   Gives: to Dash window.dash_clientside.consumo: each function by its name, and `inOrder`, which puts
   what a function answers by name into the order of the callback's outputs.
   Example: inOrder({ lists: { channel: [] } }, [["start"], ["lists", "channel"]]) is [no update, []]:
   what is left out stays as it is. */
const { panelQuestion, tableQuestion } = require("./asking");
const { keep } = require("./dash");
const { changeControls } = require("./filters");
const { offeredOptions, searchOptions } = require("./options");
const { paintPanel } = require("./painting");
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

const consumo = {
  changeControls,
  inOrder,
  offeredOptions,
  paintPanel,
  panelQuestion,
  searchOptions,
  showSelection,
  shownColumns,
  tableQuestion,
};
window.dash_clientside = { ...window.dash_clientside, consumo };

module.exports = { inOrder };
