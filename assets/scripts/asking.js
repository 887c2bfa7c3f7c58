/* Makes the question that all panels are asked, and that of the table, from the filters' controls.

   Given, by callbacks/asking.py: the controls, the store's status, the question before.
   Gives to it: `panelQuestion(given)`, { raw, preset, version, reason }: the filters in the form of the
   address, the name of the preset whose days they have (or null), the version of the data, and why
   the panels are asked ("start", "filters" or "data");
   `tableQuestion(given)`, { raw }: order, column filters and rows of a page. Where nothing changed,
   both leave the store as it is, so that nothing is asked;
   to scripts `filtersIn(controls)` and `rowsIn(controls)`, what both have as `raw`, and `isAfterPause()`,
   whether a change now would be asked about at once.
   Example: with the channel "whats" and all else at its default, raw is { channel: ["whats"] }.

   question.js asks the server, callbacks/panels.py answers, painting.js paints the answers. */
const { isOfPeriod, isOfTable } = require("./address");
const { conditions } = require("./column_filters");
const { bases, filters, table } = require("./constants");
const { showDays } = require("./calendar");
const { keep } = require("./dash");
const { hasStarted } = require("./filters");
const { tellNews } = require("./news");
const { askAboutOpenDropdown, askSoonForCases } = require("./options");
const { showPeriod } = require("./period_button");
const { changeBegins } = require("./page_history");
const { lockedFilters } = require("./portal");
const { showInFields } = require("./typed_period");
const { showChoices } = require("./table");
const { isDefaultColumns } = require("./table_columns");
const { newestOnly, nextTask, wait } = require("./timing");
const { same } = require("./values");

const REST_MS = 250; // changes with shorter pauses between them become one question

const beginQuestion = newestOnly();

async function panelQuestion({ period, basis, lists, held, status, applied }) {
  const isNewest = beginQuestion();
  if (!hasStarted() || !status) return keep();
  const isWrong = isWrongPeriod(held);
  showPeriod(isWrong ? null : period, isDefaultPeriod(period, basis, status), status);
  showDays(period, status);
  showInFields(period, isWrong ? held : null);

  const raw = filtersIn({ period, basis, lists, held, status });
  const question = { raw, preset: isWrong ? null : period.preset, version: status.version };
  if (!applied) {
    // The controls have the values of the address by now.
    setTimeout(() => window.dispatchEvent(new CustomEvent("consumo:started")));
    return asked({ ...question, reason: "start" });
  }
  if (same(raw, applied.raw) && question.preset === applied.preset) {
    if (status.version === applied.version) return keep();
    tellNews();
    return asked({ ...question, reason: "data" });
  }
  changeBegins();
  await gathered();
  return isNewest() ? asked({ ...question, reason: "filters" }) : keep();
}

const isWrongPeriod = (held) => Object.keys(held || {}).some(isOfPeriod);

const isDefaultPeriod = ({ start, end, preset }, basis, status) =>
  !preset && same([start, end], status.defaults[basis]);

function filtersIn({ period, basis, lists, held, status }) {
  const { start, end } = period;
  const isWithout = isWrongPeriod(held) || isDefaultPeriod(period, basis, status);
  const raw = {
    // Without the default period, so that a shared address follows newer data.
    ...(isWithout ? {} : { start: [start], end: [end] }),
    ...(basis === bases[0] ? {} : { basis: [basis] }),
    ...listsIn(lists),
    // Whatever the controls say: the portal has set these for good.
    ...withoutPeriod(lockedFilters()),
  };
  for (const [name, texts] of Object.entries(held || {})) {
    if (!isOfTable(name) && !(name in raw)) raw[name] = texts;
  }
  return raw;
}

/* A period that the portal has set for good is in the controls, with the days of today. */
const withoutPeriod = (raw) =>
  Object.fromEntries(Object.entries(raw).filter(([name]) => !isOfPeriod(name)));

function listsIn(lists) {
  const selected = filters.filter((name) => lists[name]?.length);
  return Object.fromEntries(selected.map((name) => [name, [...lists[name]].sort()]));
}

let changedAt = -Infinity;
let gathering = false;

const isAfterPause = () => performance.now() - changedAt > REST_MS;

/* Waits until a change may be asked about. The first change after a pause of REST_MS waits only for the
   other changes of the same press; later ones wait for the next pause, so that they become one question
   together. */
async function gathered() {
  const isFirst = gathering || isAfterPause();
  changedAt = performance.now();
  gathering = isFirst;
  await (isFirst ? nextTask() : wait(REST_MS));
  if (isFirst) gathering = false;
}

/* Renews the options of dropdowns, which belong to the question before, and returns the new one. */
function asked(question) {
  askAboutOpenDropdown(question);
  askSoonForCases();
  return question;
}

function tableQuestion({ sortBy, filterQuery, held, columns, pageSize, before }) {
  if (!hasStarted()) return keep();
  const raw = rowsIn({ sortBy, filterQuery, held, columns, pageSize });
  showChoices(columns, pageSize, raw.sort);
  if (before && same(before.raw, raw)) return keep();
  if (before) changeBegins();
  return { raw };
}

/* Which columns are shown does not concern the server. Unknown column names of the address are sent to it
   all the same, because it writes the sentence that says what is wrong. */
function rowsIn({ sortBy, filterQuery, held, columns, pageSize }) {
  const raw = {};
  if (sortBy?.length) {
    const { column_id: column, direction } = sortBy[0];
    raw.sort = [direction === "desc" ? `-${column}` : column];
  }
  if (pageSize !== table.sizes[0]) raw.page_size = [String(pageSize)];
  for (const [column, text] of conditions(filterQuery || "")) {
    if (text) raw[`where.${column}`] = [text];
  }
  for (const [name, texts] of Object.entries(held || {})) {
    const isOld = (name === "columns" && !isDefaultColumns(columns)) || name in raw;
    if (isOfTable(name) && !isOld) raw[name] = texts;
  }
  return raw;
}

module.exports = { filtersIn, isAfterPause, panelQuestion, rowsIn, tableQuestion };
