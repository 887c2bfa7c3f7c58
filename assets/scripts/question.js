/* Asks the server for the panels whose answers the page lacks, in one question, and takes its answers.

   A panel lacks its answer when it shows that of another question: other filters, another page of the
   table, another choice in a list, newer data or, for a panel about the present, another minute. An answer
   that the page has kept is painted at once, and nobody is asked for it.

   Given, by callbacks/asking.py: the filters, the table's order and page, the choices in lists, the minute;
   the server's answers (callbacks/panels.py).
   Gives to them: `pageQuestion(given)`, without a value; to clientside.js `askAtOnce(applied)`, to be called
   with new filters, so that Dash need not bring them first; to presses.js `askAtPress(raw)`, with
   the filters that a press has just chosen, as choices.js tells them.
   Gives to scripts: `askAgain()`, which asks for all panels whatever is kept; `retry(slug)`;
   `askFarPanels()`, which asks for those far from the screen and is fulfilled when they are painted;
   `isUnanswered()`, to be called when a question was lost on the way. To ahead.js:
   `questionAhead({ raw, page })`, what other filters or another page of the table would ask the server,
   and `isQuiet()`; `takeAhead(answer, keys)` and `isLostAhead()` for what became of it. Whenever nothing
   is asked any more, window gets the event "consumo:quiet".
   Example: the page "2" of the table asks for the table only, and then "1" asks nobody. */
const { comingAhead, takeOver } = require("./ahead_flight");
const { arrived, chosen, told, used } = require("./ahead_fates");
const { isAfterPause, rowsIn } = require("./asking");
const { forgetAnswers, isKept, keepAnswer, keptAnswer } = require("./answer_cache");
const { near, panels, present, withCards } = require("./constants");
const { propsOf, setProps } = require("./dash");
const { askFirst, firstAnswer, firstQuestion } = require("./first_question");
const ids = require("./ids");
const { bringNear, isFar, watchPanels } = require("./near_panels");
const { whenDrawn } = require("./page_drawn");
const { paintAlert, paintLook, paintPanels, showNow } = require("./painting");
const { answerIn, panelsCall } = require("./panels_call");
const { isShown } = require("./portal");
const { wait } = require("./timing");
const { same } = require("./values");
const { isLost, waits, waitsNoMore } = require("./waiting_marks");

const LOOK_MS = 50; // between two looks whether far panels have their answers
const PRINT_MS = 8000; // for so long printing waits for panels
const PRESS_MS = 2000; // for so long a press counts, though Dash has not told of it
const INDICATORS = "indicators";

let now = null; // what the controls say: { raw, version, table, page, choices, minute }
const shown = new Map(); // by slug: the key of the question whose answer the panel shows
const forced = new Set(); // slugs of the panels that are asked whatever they show
const late = new Map(); // by slug: the key of a question whose answer takes long
let newest = 0; // number of the newest question
let answered = 0; // and of the newest whose answer has come
let flying = null; // the keys of the question on its way, by slug; null where there is none
let seen = null; // what the reader may see, as the last answer has it
let toldVersion = null; // the newer data version that the page has asked news for

// --- what a panel is asked --------------------------------------------------------------------------

/* Returns what a panel is asked, as text, but for the version of the data and the minute. */
const questionOf = (slug, at = now) =>
  JSON.stringify([
    slug,
    at.raw,
    slug === ids.DETAILS ? [at.table, at.page] : at.choices[slug] || null,
  ]);

function keyOf(slug, at = now) {
  const minute = present.includes(slug) ? at.minute : null;
  return JSON.stringify([questionOf(slug, at), at.version, minute]);
}

const questionIn = (key) => JSON.parse(key)[0];

/* The answers of two keys that differ in the minute only are both true. */
const butForMinute = (key) => JSON.stringify(JSON.parse(key).slice(0, 2));

/* Returns whether `key`, where there is one, asks what the panel is asked now, be it in another minute. */
const isStillAsked = (key, slug) =>
  key !== undefined && butForMinute(key) === butForMinute(keyOf(slug));

function withVersion(key, version) {
  const [question, , minute] = JSON.parse(key);
  return JSON.stringify([question, version, minute]);
}

/* Returns whether the page shows something of the panel: itself, or its card among the indicators. */
const isWanted = (slug) => isShown(slug) || (withCards.includes(slug) && isShown(INDICATORS));

const lacks = (slug) => forced.has(slug) || shown.get(slug) !== keyOf(slug);

const lacking = () => panels.filter((slug) => isWanted(slug) && lacks(slug));

// --- asking -----------------------------------------------------------------------------------------

let filters = null; // those of the last change, with the version of the data
let changes = 0; // how often they changed
let basis = null; // filters and order of the table's present page
let pageShown = 0; // the page of the last answer
let made = {}; // by slug: what was chosen in lists, whatever the filters
let given = null; // what Dash brought last; before it has, it would miss a question
let pressed = null; // the filters that a press has chosen, until Dash tells of them

function pageQuestion(all) {
  given = all;
  takeQuestion(pressed ? withPressed(all) : all);
}

function askAtOnce(applied) {
  if (!given || !applied.raw) return;
  pressed = null;
  takeQuestion({ ...given, applied, table: { raw: rowsNow() } });
}

const withPressed = (all) => ({
  ...all,
  applied: { ...all.applied, raw: pressed },
  table: { raw: rowsNow() },
});

/* Quick changes wait for one another, see asking.js. */
function askAtPress(raw) {
  if (!given || !isAfterPause() || same(raw, now.raw)) return;
  pressed = raw;
  takeQuestion(withPressed(given));
  setTimeout(() => {
    if (pressed !== raw) return;
    pressed = null;
    takeQuestion(given);
  }, PRESS_MS);
}

function rowsNow() {
  const { sort_by: sortBy, filter_query: filterQuery } = propsOf(ids.TABLE);
  const { data: held } = propsOf(ids.HELD);
  const { data: columns } = propsOf(ids.TABLE_COLUMNS);
  const { data: pageSize } = propsOf(ids.TABLE_PAGE_SIZE);
  return rowsIn({ sortBy, filterQuery, held, columns, pageSize });
}

function takeQuestion({ applied, table, page, choices, minute }) {
  if (!applied || !table) return;
  made = choices || {};
  now = {
    raw: applied.raw,
    version: applied.version,
    table: table.raw,
    page: pageOf(applied, table, page || 0),
    choices: choicesIn(made, applied.raw),
    minute: minute || 0,
  };
  const changed = JSON.stringify([applied.raw, applied.version]);
  if (changed !== filters) {
    filters = changed;
    changes += 1;
    document.documentElement.dataset.question = changes;
  }
  ask();
}

/* The table goes back to its first page when its rows change: by other filters, or another order. */
function pageOf(applied, table, page) {
  const changed = JSON.stringify([applied.raw, table.raw]);
  const isNew = changed !== basis;
  basis = changed;
  if (isNew) {
    pageShown = page;
    return 0;
  }
  if (page === pageShown) return now.page;
  pageShown = page;
  return page;
}

/* Returns what was chosen in lists by slug; a list without a choice has none there. */
function choicesIn(choices, raw) {
  const those = Object.entries(choices).map(([slug, choice]) => [slug, chosenIn(choice, raw)]);
  return Object.fromEntries(those.filter(([, choice]) => Object.keys(choice).length));
}

/* Rows that were unfolded for other filters are folded again. */
function chosenIn({ more, ...others }, raw) {
  const choice = more && same(more.raw, raw) ? { ...others, more } : others;
  return Object.fromEntries(Object.entries(choice).filter(([, value]) => value));
}

/* Asks the server for what is not kept, and paints the rest meanwhile. */
function ask() {
  if (!now) return;
  // What is on its way for other filters is not painted any more.
  const isOther = ([slug, key]) => !isStillAsked(key, slug);
  if (flying && Object.entries(flying).some(isOther)) flying = null;
  const wanted = lacking();
  const kept = wanted
    .filter((slug) => !forced.has(slug))
    .map((slug) => [slug, keptAnswer(keyOf(slug)), keyOf(slug)])
    .filter(([, parts]) => parts);
  for (const [, , key] of kept) used(key);
  chosen(JSON.stringify([now.raw, now.table, now.page]));
  for (const slug of panels) if (!wanted.includes(slug)) waitsNoMore(slug);
  const isKnown = new Set(kept.map(([slug]) => slug));
  const asksNobody = askFor(wanted.filter((slug) => !isKnown.has(slug)));
  if (kept.length) takeParts(kept);
  if (asksNobody) window.dispatchEvent(new CustomEvent("consumo:quiet"));
}

/* Returns whether nothing is asked for. */
function askFor(missing) {
  for (const slug of missing.filter(isFar)) putOff(slug);
  const close = missing.filter((slug) => !isFar(slug));
  // Panels that may take long are asked when the others have their answers.
  const first = close.filter((slug) => !near.includes(slug));
  const parts = first.length ? first : close;
  if (!parts.some((slug) => flying?.[slug] === undefined)) return !flying;
  if (!waitsForAhead(parts)) send(parts);
  return false;
}

/* Where what is lacking was asked for in advance and is on its way, its answer is waited for. */
function waitsForAhead(parts) {
  const coming = comingAhead();
  if (!coming || !parts.every((slug) => coming[slug] === keyOf(slug))) return false;
  takeOver();
  flies(parts);
  return true;
}

/* Marks panels as waiting for an answer to what they lack. */
function flies(parts) {
  flying = Object.fromEntries(parts.map((slug) => [slug, keyOf(slug)]));
  for (const slug of parts) {
    waits(slug, () => shown.has(slug) && questionIn(shown.get(slug)) !== questionOf(slug));
  }
}

/* A panel that comes into view must not show the numbers of the question before. */
function putOff(slug) {
  const card = document.getElementById(ids.panel(slug));
  if (card) card.dataset.far = "";
}

function send(parts) {
  const isLate = parts.every((slug) => isStillAsked(late.get(slug), slug));
  const asked = { ...asData(now, parts), waits: isLate };
  const answer = firstAnswer(asked);
  if (!answer && !given) return;
  newest += 1;
  flies(parts);
  const data = { number: newest, ...asked };
  if (answer) takeFirst(answer, data, flying);
  else call({ ...data, ahead: told() }, flying);
}

/* Where no answer came, it is asked for once more: that shows whether the server answers. */
async function takeFirst(promise, data, keys) {
  const answer = await promise.catch(() => null);
  if (answer) take({ ...answer, number: data.number }, keys);
  else if (keys !== flying) return;
  else if (given) call(data, keys);
  else flying = null;
}

/* answers.js tells of a failure. */
async function call(data, keys) {
  const { address, options } = panelsCall(data);
  const response = await window.fetch(address, options).catch(() => null);
  if (response) take(answerIn(await response.json()), keys);
}

const asData = ({ raw, table, page, choices }, parts) => ({
  raw,
  table: { raw: table, page },
  choices,
  parts,
});

// --- answers ----------------------------------------------------------------------------------------

/* Takes the answer to a question about panels, whose `keys` are by slug. */
function take(answer, keys) {
  const isNewest = answer.number > answered;
  if (seen !== null && seen !== answer.seen) {
    // An older answer to somebody else.
    if (!isNewest) return;
    forgetAnswers();
  }
  seen = answer.seen;
  if (isNewest) answered = answer.number;
  const come = Object.keys(keys)
    .filter((slug) => answer.parts[slug])
    .map((slug) => [slug, { ...answer.parts[slug], alert: answer.alert }]);
  for (const [slug, parts] of come) keep(keys[slug], parts);
  // The answer to other filters than those selected is kept, but not painted.
  if (keys !== flying) return;
  flying = null;
  for (const [slug, key] of Object.entries(keys)) {
    if (answer.late.includes(slug)) late.set(slug, key);
    else settled(slug, key);
  }
  takeParts(come);
  paintAlert(answer.alert);
  ask();
}

/* Answers are kept, but not failures. Those of newer data let the page ask for its news. */
function keep(key, parts) {
  if (!parts.version) return;
  keepAnswer(withVersion(key, parts.version), parts);
  if (parts.version === now.version || parts.version === toldVersion) return;
  toldVersion = parts.version;
  const { n_intervals: polls = 0 } = propsOf(ids.POLL);
  setProps(ids.POLL, { n_intervals: polls + 1 });
}

function takeParts(pairs) {
  for (const [slug, parts] of pairs) {
    if ("page" in parts) {
      now.page = parts.page;
      pageShown = parts.page;
    }
    settled(slug, keyOf(slug));
    if (slug === ids.DETAILS) paintAlert(parts.alert);
  }
  paintPanels(pairs.map(([slug, parts]) => [slug, { ...parts, number: changes }]));
}

function settled(slug, key) {
  shown.set(slug, key);
  forced.delete(slug);
  late.delete(slug);
  waitsNoMore(slug);
}

// --- in advance -------------------------------------------------------------------------------------

const isQuiet = () => now !== null && flying === null;

/* Returns `data`, the question that a choice would put to the server at once, and its `keys` by slug; null
   where it would ask nobody. */
function questionAhead({ raw = now.raw, page = same(raw, now.raw) ? now.page : 0 }) {
  const at = { ...now, raw, page, choices: choicesIn(made, raw) };
  const parts = panels.filter((slug) => {
    const key = keyOf(slug, at);
    return isWanted(slug) && !near.includes(slug) && shown.get(slug) !== key && !isKept(key);
  });
  if (!parts.length) return null;
  const keys = Object.fromEntries(parts.map((slug) => [slug, keyOf(slug, at)]));
  return { keys, data: asData(at, parts) };
}

/* Keeps an answer that was asked for in advance; it is painted only if it has been chosen by now. */
function takeAhead(answer, keys) {
  // Somebody else may have signed in.
  const come = answer.seen === seen ? Object.entries(answer.parts) : [];
  for (const [slug, parts] of come) {
    keep(keys[slug], { ...parts, alert: answer.alert });
    if (parts.version) arrived(withVersion(keys[slug], parts.version));
  }
  isLostAhead(keys);
}

/* What was waited for is asked for, unless it has come. */
function isLostAhead(keys) {
  if (!flying || Object.entries(flying).some(([slug, key]) => keys[slug] !== key)) return;
  flying = null;
  ask();
}

function isUnanswered() {
  for (const slug of Object.keys(flying || {})) isLost(slug);
  flying = null;
}

// --- asking again -----------------------------------------------------------------------------------

function askAgain() {
  forgetAnswers();
  flying = null;
  for (const slug of panels) forced.add(slug);
  ask();
}

function retry(slug) {
  forced.add(slug);
  ask();
}

async function askFarPanels() {
  bringNear();
  ask();
  const end = performance.now() + PRINT_MS;
  while (now && lacking().length && performance.now() < end) await wait(LOOK_MS);
  showNow(panels);
}

watchPanels((slugs) => {
  showNow(slugs);
  if (!flying && now && lacking().some((slug) => slugs.includes(slug))) ask();
});

// The first question is asked while Dash starts, and its answer is painted with the page.
askFirst(() => panels.filter((slug) => isWanted(slug) && !near.includes(slug)));
whenDrawn(() => {
  const first = firstQuestion();
  if (!first || now) return;
  paintLook({ theme: first.theme, asTable: [] });
  takeQuestion({ applied: first.applied, table: first.table, page: 0, choices: {}, minute: 0 });
});

// The portal asks for it, or its reader has signed in again.
for (const kind of ["consumo:refresh", "consumo:signed-in"]) {
  window.addEventListener(kind, askAgain);
}
// It shows other panels.
window.addEventListener("consumo:panels", ask);

module.exports = {
  askAgain,
  askAtOnce,
  askAtPress,
  askFarPanels,
  isLostAhead,
  isQuiet,
  isUnanswered,
  pageQuestion,
  questionAhead,
  retry,
  takeAhead,
};
