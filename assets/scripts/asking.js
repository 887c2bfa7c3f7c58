/* Asking: from the controls to the one question that all panels answer, and that of the table.

   Given, by callbacks/asking.py: the controls, the store's status, the question before.
   Gives to it: `panelQuestion(given)`, { raw, version, reason }: the filters as the address has them,
   the version of the data, and why it is asked ("start", "filters" or "data"); `tableQuestion(given)`,
   { raw }: order, column filters and length of a page. What did not change is not asked again.
   Gives to scripts: `askAgain()`, the same question once more.
   Example: with channel "whats" and else the defaults, raw is { channel: ["whats"] }.

   The answers come by callbacks/panels.py, see answers.js; painting.js paints them. */
const { isOfTable } = require("./address");
const { conditions } = require("./column_filters");
const { bases, filters, table } = require("./constants");
const { keep, propsOf, setProps } = require("./dash");
const { hasStarted } = require("./filters");
const ids = require("./ids");
const { tellNews } = require("./news");
const { askAboutOpenDropdown, askAgainForOptions, askSoonForCases } = require("./options");
const { showPeriod } = require("./period_button");
const { showChoices } = require("./table");
const { isDefaultColumns } = require("./table_columns");
const { newestOnly, wait } = require("./timing");
const { same } = require("./values");

const REST_MS = 250; // changes that follow each other closer than this are one more question

const beginQuestion = newestOnly();

async function panelQuestion({ start, end, basis, lists, held, status, applied }) {
  const isNewest = beginQuestion();
  if (!hasStarted() || !status) return keep();
  showPeriod([start, end], status);

  const isDefault = same([start, end], status.defaults[basis]);
  const raw = {
    ...periodIn({ start, end, isDefault }, applied),
    ...(basis === bases[0] ? {} : { basis: [basis] }),
    ...listsIn(lists),
  };
  for (const [name, texts] of Object.entries(held || {})) {
    const isOldPeriod = (name === "start" || name === "end") && !isDefault;
    if (!isOfTable(name) && !isOldPeriod && !(name in raw)) raw[name] = texts;
  }

  const question = { raw, version: status.version };
  if (!applied) return asked({ ...question, reason: "start" });
  if (same(raw, applied.raw)) {
    if (status.version === applied.version) return keep();
    tellNews();
    return asked({ ...question, reason: "data" });
  }
  await gathered();
  return isNewest() ? asked({ ...question, reason: "filters" }) : keep();
}

/* The default period is left out, so that a shared address moves along with newer data. */
function periodIn({ start, end, isDefault }, applied) {
  if (start && end) return isDefault ? {} : { start: [start], end: [end] };
  // While somebody types, the period that was asked last holds.
  return applied?.raw.start ? { start: applied.raw.start, end: applied.raw.end } : {};
}

function listsIn(lists) {
  const selected = filters.filter((name) => lists[name]?.length);
  return Object.fromEntries(selected.map((name) => [name, [...lists[name]].sort()]));
}

let changedAt = -Infinity;
let gathering = false;
/* The first change after a rest is applied at once, with what else the same act sets; those that
   follow it closely wait for the next rest, so that they are one more question together. */
async function gathered() {
  const now = performance.now();
  const isFirst = gathering || now - changedAt > REST_MS;
  changedAt = now;
  gathering = isFirst;
  await wait(isFirst ? 0 : REST_MS);
  if (isFirst) gathering = false;
}

/* What dropdowns offer belongs to the question before: they ask anew. */
function asked(question) {
  askAboutOpenDropdown(question);
  askSoonForCases();
  return question;
}

/* Which columns are seen asks nothing of the server, but a name that is none is told to it, so that
   it says what is wrong. */
function tableQuestion({ sortBy, filterQuery, held, columns, pageSize, before }) {
  if (!hasStarted()) return keep();
  const raw = {};
  if (sortBy?.length) {
    const { column_id: column, direction } = sortBy[0];
    raw.sort = [direction === "desc" ? `-${column}` : column];
  }
  if (pageSize !== table.sizes[0]) raw.page_size = [String(pageSize)];
  showChoices(columns, pageSize);
  for (const [column, text] of conditions(filterQuery || "")) {
    if (text) raw[`where.${column}`] = [text];
  }
  for (const [name, texts] of Object.entries(held || {})) {
    const isOld = (name === "columns" && !isDefaultColumns(columns)) || name in raw;
    if (isOfTable(name) && !isOld) raw[name] = texts;
  }
  return before && same(before.raw, raw) ? keep() : { raw };
}

/* For answers that never came; options with it. */
function askAgain() {
  const { data: applied } = propsOf(ids.APPLIED);
  if (!applied) return;
  setProps(ids.APPLIED, { data: { ...applied, reason: "data", at: performance.now() } });
  askAgainForOptions();
}

module.exports = { askAgain, panelQuestion, tableQuestion };
