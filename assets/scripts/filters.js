/* Changes the controls of the filters after the page's start and each press on a button or bar.

   Given, by callbacks/asking.py: the present values of the controls, the store's status, and the
   press.
   Gives to it: `changeControls(given)`, the new values by name; a control without a new value stays.
   Gives to scripts: `hasStarted()`, whether the address has been read into the controls;
   `firstControls(status)`, the values with which they begin;
   `controlsAfter(choice, given)`, the controls as they would be if the reader chose a `preset`, a
   `basis`, or a `value` of the dropdown of a `filter`.
   Example: with the press { kind: "remove", name: "channel", value: "whats" } it gives
   { lists: { channel: [] } }.

   The address is read once, at the start. From then on the controls decide: asking.js makes the
   question for all panels from them, and selection.js writes it into the address. */
const { isOfPeriod, readAddress } = require("./address");
const { filtersOfMark } = require("./pressed_mark");
const { LISTED } = require("./chips");
const { conditions, written } = require("./column_filters");
const { restoreLook } = require("./comparison");
const { filters, table } = require("./constants");
const { setProps } = require("./dash");
const ids = require("./ids");
const { notOffered, option } = require("./options");
const { chosenPreset } = require("./period_presets");
const { isPortal, lockedFilters } = require("./portal");
const { changeIsGiven, firstSearch } = require("./page_history");
const { pressed } = require("./pressed_note");
const { applyTheme } = require("./theme");
const { forgetTyped } = require("./typed_period");
const { same } = require("./values");

const WHERE = "where."; // begins the name of a filter of a column that the table does not show

let started = false; // whether the address has been read
let defaults = null; // the default period of each basis, as the server last said
let unpressed = null; // the filters before the last press on a mark

const hasStarted = () => started;

function changeControls(given) {
  const before = controlsOf(given);
  const controls = structuredClone(before);
  if (!given.status) return changesOf(before, controls, given);
  if (!started) {
    started = true;
    defaults = given.status.defaults;
    readInto(controls, given.status);
    return { ...changesOf(before, controls, given), ...filterValues(controls) };
  }
  for (const { prop_id: trigger } of window.dash_clientside.callback_context.triggered) {
    if (trigger === `${ids.STATUS}.data`) followStatus(controls, given.status);
    else if (trigger === `${ids.ACTION}.data` && given.action) press(controls, given.action, given);
    else if (trigger === `${ids.BASIS}.value`) followBasis(controls, given.status);
  }
  if (isPortal()) applyLocks(controls, null, given);
  return changesOf(before, controls, given);
}

/* Returns the present values of the filters. A press may add others (theme, order, columns …). */
const controlsOf = ({ period, basis, held, lists }) => ({
  period: period || { start: null, end: null, preset: null },
  basis,
  held: held || {},
  lists: Object.fromEntries(filters.map((name) => [name, lists[name] || []])),
});

const filterValues = ({ period, basis, held, lists }) => ({ period, basis, held, lists });

function readInto(controls, status) {
  Object.assign(controls, firstControls(status));
  restoreLook(firstSearch());
}

function firstControls(status) {
  const { shown, held, theme } = readAddress(firstSearch(), status);
  const controls = { ...shown, held, theme: applyTheme(theme) };
  applyLocks(controls, null, { status });
  return controls;
}

/* Moves the period where newer data or another day came: a preset means other days tomorrow, and the
   default ends on the newest day. */
function followStatus(controls, status) {
  movePeriod(controls, defaults[controls.basis], status);
  defaults = status.defaults;
}

/* Changes a default period, or a preset, to that of the basis just chosen: each has its own. */
function followBasis(controls, status) {
  delete controls.held.basis;
  movePeriod(controls, defaults[controls.basis === "sent" ? "opened" : "sent"], status);
}

function movePeriod(controls, defaultBefore, status) {
  const { start, end, preset } = controls.period;
  if (preset) controls.period = chosenPreset(preset, status, controls.basis);
  else if (same([start, end], defaultBefore)) {
    controls.period = daysOf(status.defaults[controls.basis]);
  }
}

const daysOf = ([start, end]) => ({ start, end, preset: null });

function setPeriod(controls, period) {
  forgetTyped();
  putPeriod(controls, period);
}

function putPeriod(controls, period) {
  controls.period = period;
  for (const name of Object.keys(controls.held).filter(isOfPeriod)) delete controls.held[name];
}

/* Turns the ends of an address's period round. */
function swapHeld(controls, status) {
  const { start, end } = controls.held;
  if (start && end) setFilters(controls, { start: end, end: start }, status);
}

/* By the action of a button: the function that changes the controls; see actions.js. */
const PRESSES = {
  clear,
  "default-columns": (controls) => Object.assign(controls, { columns: table.defaults }),
  narrow: (controls, { value, panel }) => narrow(controls, filtersOfMark(JSON.parse(value)), panel),
  days: (controls, { value }) => setPeriod(controls, daysOf(value)),
  preset: (controls, { value }, { status }) =>
    setPeriod(controls, chosenPreset(value, status, controls.basis)),
  "swap-held": (controls, _action, { status }) => swapHeld(controls, status),
  lock: (controls, action, given) => {
    changeIsGiven();
    applyLocks(controls, action, given);
  },
  remove: removeFilter,
  "remove-rest": (controls, { name }) => {
    controls.lists[name] = [...controls.lists[name]].sort().slice(0, LISTED);
  },
  restore: (controls, { value }, { status }) => {
    changeIsGiven();
    forgetTyped();
    const { shown, held } = readAddress(value, status);
    Object.assign(controls, shown, { held });
    restoreLook(value);
  },
  set: (controls, { value }, { status }) => {
    changeIsGiven();
    clear(controls);
    setFilters(controls, value, status);
  },
  theme: (controls, { value }) => Object.assign(controls, { theme: applyTheme(value) }),
  undo: (controls) => {
    forgetTyped();
    Object.assign(controls, structuredClone(unpressed));
  },
  unfilter: removeColumnFilter,
  widen,
};

function press(controls, action, given) {
  const act = Object.hasOwn(PRESSES, action.kind) && PRESSES[action.kind];
  if (act) act(controls, action, given);
}

/* Sets filters in the form of the address, such as { channel: ["WhatsApp"] }; the others stay. */
function setFilters(controls, raw, status) {
  const whole = { basis: [controls.basis], ...raw };
  const pairs = Object.entries(whole).flatMap(([name, texts]) => texts.map((text) => [name, text]));
  const { shown, held } = readAddress(new URLSearchParams(pairs).toString(), status);
  if (raw.basis) controls.basis = shown.basis;
  if (Object.keys(raw).some(isOfPeriod)) setPeriod(controls, shown.period);
  for (const name of filters) if (raw[name]) controls.lists[name] = shown.lists[name];
  controls.held = { ...controls.held, ...held };
}

/* Sets the controls to the filters that the portal has set for good. */
function applyLocks(controls, _action, { status }) {
  setFilters(controls, lockedFilters(), status);
}

function clear(controls) {
  for (const name of filters) controls.lists[name] = [];
  Object.assign(controls, { held: {}, basis: "sent", sortBy: [], filterQuery: "" });
  setPeriod(controls, daysOf(defaults.sent));
}

/* Removes the filter of a chip. */
function removeFilter(controls, { name, value }) {
  controls.lists[name] = controls.lists[name].filter((other) => other !== value);
}

function removeColumnFilter(controls, { name }, { filterQuery }) {
  delete controls.held[WHERE + name];
  const others = conditions(filterQuery || "").filter(([column]) => column !== name);
  controls.filterQuery = written(others);
}

/* Removes the filters that leave a panel empty; `cause` is EmptiedBy of components/empty_states.py. */
function widen(controls, { value: cause }, { status }) {
  if (cause === "period") setPeriod(controls, chosenPreset("all", status, controls.basis));
  else if (cause === "all") clear(controls);
  else if (cause === "table") clearColumnFilters(controls);
  else if (filters.includes(cause)) controls.lists[cause] = [];
}

function clearColumnFilters(controls) {
  controls.filterQuery = "";
  for (const name of Object.keys(controls.held)) {
    if (name.startsWith(WHERE)) delete controls.held[name];
  }
}

/* Sets the filters of a mark in the panel with this id. */
function narrow(controls, wanted, panel) {
  const { start, end, ...values } = wanted;
  const all = structuredClone(controls);
  const { period: before } = controls;
  if (start && end && !same([start, end], [before.start, before.end])) {
    setPeriod(controls, daysOf([start, end]));
  }
  for (const [name, value] of Object.entries(values)) {
    if (!name.startsWith(WHERE)) controls.lists[name] = [value];
    else if (value) controls.held[name] = [value];
    else delete controls.held[name];
  }
  if (same(all, controls)) return;
  unpressed = all;
  pressed(wanted, panel);
}

/* Returns the controls as a choice would leave them; the page and what was typed stay as they are. */
function controlsAfter({ preset, basis, filter, value }, given) {
  const controls = structuredClone(controlsOf(given));
  if (preset) putPeriod(controls, chosenPreset(preset, given.status, controls.basis));
  if (basis) {
    controls.basis = basis;
    followBasis(controls, given.status);
  }
  if (filter) {
    const before = controls.lists[filter];
    const others = before.filter((other) => other !== value);
    controls.lists[filter] = others.length < before.length ? others : [...before, value];
  }
  return controls;
}

/* Returns the changed values by name. */
function changesOf(before, controls, { options }) {
  if (!same(before.period, controls.period)) forgetTyped();
  for (const name of filters) offer(name, controls.lists[name], options[name] || []);
  const { lists, ...others } = controls;
  const changed = Object.entries(others).filter(([name, value]) => !same(value, before[name]));
  return {
    ...Object.fromEntries(changed),
    lists: Object.fromEntries(
      Object.entries(lists).filter(([name, values]) => !same(values, before.lists[name])),
    ),
  };
}

/* Adds the set values to a dropdown's options, since a dropdown drops values that are not among them. */
function offer(name, values, options) {
  const missing = notOffered(values, options).map((value) => option(name, value));
  if (missing.length) setProps(ids.control(name), { options: [...missing, ...options] });
}

module.exports = { changeControls, controlsAfter, firstControls, hasStarted };
