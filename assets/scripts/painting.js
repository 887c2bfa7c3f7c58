/* Paints the answers of panels: words, lists, graphs and the table, first what is seen.

   Given: the parts of panels (components/painting.py); the theme, and which graphs are shown as tables,
   by callbacks/painting.py. Colours of figures are names.
   Gives: `paintPanels(panels)`, where panels are pairs of slug and parts; `paintAlert(content)`;
   `showNow(slugs)`, which paints what is still to be painted of panels that have come into view;
   `paintLook({ theme, asTable })`, which paints the graphs again; `figureOf(slug, theme, width)`, a
   panel's figure in any theme and width, null before its first answer; `turnOver(slug)`, which shows a
   graph as its table, and back.
   Example: a figure with `color: "var(--sent)"` is painted with "#0F6E84" in the light theme. */
const { graphs } = require("./constants");
const { propsOf, setProps } = require("./dash");
const { drawGraph } = require("./graphs");
const { element, paintHtml } = require("./html_tree");
const ids = require("./ids");
const { renderLater, renderNow } = require("./late_rendering");
const { isSeen } = require("./near_panels");
const { afterFrame } = require("./timing");
const { same } = require("./values");

const NAMED = /^var\((--[\w-]+)\)$/; // a colour by its name,
const NAMED_INSIDE = /(?<=<span style="color:)var\((--[\w-]+)\)/g; // or that of a part of a text

const palettes = {}; // by theme: the values of its colours, each read from the styles once

function colourOf(name, theme) {
  palettes[theme] = palettes[theme] || {};
  const palette = palettes[theme];
  if (!(name in palette)) {
    palette[name] = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }
  return palette[name];
}

/* Replaces names of colours in a figure by the theme's values. Texts from the data are escaped and have
   no tags, so nothing in them is replaced. */
function coloured(part, theme, key = "") {
  if (typeof part === "string") {
    const pattern = key === "text" ? NAMED_INSIDE : key.endsWith("color") && NAMED;
    return pattern ? part.replace(pattern, (_, name) => colourOf(name, theme)) : part;
  }
  if (part === null || typeof part !== "object") return part;
  if (Array.isArray(part)) {
    return typeof part[0] === "number" ? part : part.map((item) => coloured(item, theme, key));
  }
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [name, coloured(value, theme, name)]),
  );
}

// --- what is seen first ---------------------------------------------------------------------------

const later = new Map(); // by slug: the parts of a panel that is not seen, until it is painted

function paintPanels(panels) {
  const first = panels.filter(([slug]) => isSeen(slug));
  for (const [slug, parts] of panels) if (!isSeen(slug)) later.set(slug, parts);
  for (const [slug] of first) later.delete(slug);
  renderLater(later.keys());
  paint(first);
  paintLater();
}

function showNow(slugs) {
  renderNow(slugs);
  paintNow(slugs);
}

function paintNow(slugs) {
  const come = slugs.filter((slug) => later.has(slug)).map((slug) => [slug, later.get(slug)]);
  for (const [slug] of come) later.delete(slug);
  if (come.length) paint(come);
}

const SLICE_MS = 8; // for so long panels are painted before a press may be answered

let isPainting = false;

/* After the next frame, so that what is seen is shown first. */
function paintLater() {
  if (isPainting || !later.size) return;
  isPainting = true;
  afterFrame(paintSome);
}

function paintSome() {
  isPainting = false;
  const end = performance.now() + SLICE_MS;
  do paintNow([later.keys().next().value]);
  while (later.size && performance.now() < end);
  paintLater();
}

/* All words and lists at once, then the graphs, since drawing them reads the layout. */
function paint(panels) {
  window.ReactDOM.flushSync(() => {
    for (const [slug, parts] of panels) paintParts(slug, parts);
  });
  for (const [slug, parts] of panels) {
    if ("figures" in parts) {
      figures.set(slug, parts.figures);
      paintGraph(slug);
    }
    if ("rows" in parts) paintTable(parts);
    const card = document.getElementById(ids.panel(slug));
    card.dataset.answer = parts.number;
    delete card.dataset.far;
  }
}

const HTML = ["cover", "words", "cards", "caption"];
const OF_TABLE = { total: ids.TABLE_TOTAL, chips: ids.TABLE_CHIPS, range: ids.TABLE_RANGE };

function paintParts(slug, parts) {
  document.getElementById(ids.panel(slug)).className = parts.state;
  for (const name of HTML) if (name in parts) paintHtml(ids[name](slug), parts[name]);
  if ("indicator" in parts) paintHtml(ids.indicator_card(slug), parts.indicator);
  if ("lacks" in parts) paintHtml(ids.LACKS, parts.lacks);
  for (const [name, id] of Object.entries(OF_TABLE)) if (name in parts) paintHtml(id, parts[name]);
}

function paintTable({ rows, page, page_count, constant }) {
  setProps(ids.TABLE, { data: rows, page_current: page, page_count });
  if (!same(constant, propsOf(ids.TABLE_CONSTANT).data)) {
    setProps(ids.TABLE_CONSTANT, { data: constant });
  }
}

let alert = []; // the content of the page's alert

function paintAlert(content) {
  if (same(alert, content)) return;
  alert = content;
  paintHtml(ids.ALERT, content);
}

// --- graphs ---------------------------------------------------------------------------------------

const figures = new Map(); // by slug: the figures and numbers of the last answer, null without rows
const names = new WeakMap(); // of such figures: a number that tells them from others
let named = 0;
let look = { theme: null, asTable: [] };

function paintGraph(slug) {
  const { theme, asTable } = look;
  const given = figures.get(slug);
  const isTable = given && asTable.includes(slug);
  paintHtml(ids.numbers(slug), isTable ? numbersTable(given) : []);
  if (!given || !theme) return;
  if (!names.has(given)) {
    named += 1;
    names.set(given, named);
  }
  const name = [names.get(given), theme.effective, theme.width].join(" ");
  drawGraph(slug, name, () => figureIn(given, theme.effective, theme.width));
}

function paintLook({ theme, asTable }) {
  const wanted = { theme, asTable: asTable || [] };
  if (same(look, wanted)) return;
  look = wanted;
  for (const slug of graphs) if (figures.has(slug)) paintGraph(slug);
}

const figureIn = (given, theme, width) => coloured(given[width] || given.wide, theme);

function figureOf(slug, theme, width) {
  const given = figures.get(slug);
  return given ? figureIn(given, theme, width) : null;
}

// --- the table of a graph's numbers ---------------------------------------------------------------

/* Returns the table of a graph's numbers. A press on the heading of a row sets the same filters as one on
   its bar. */
function numbersTable({ heads, lines }) {
  const head = heads.map((name) => element("th", { scope: "col" }, name));
  const rows = lines.map(([[name, ...cells], press]) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, press.length ? pressable(name, press) : name),
      ...cells.map((cell) => element("td", {}, cell)),
    ),
  );
  return [
    element(
      "table",
      { className: "numbers" },
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...rows),
    ),
  ];
}

function pressable(name, press) {
  const attributes = {
    type: "button",
    className: "link-button",
    "data-action": "narrow",
    "data-value": JSON.stringify(press),
  };
  return element("button", attributes, name);
}

function turnOver(slug) {
  const tables = propsOf(ids.AS_TABLE).data || [];
  const isTable = tables.includes(slug);
  const panel = document.getElementById(ids.panel(slug));
  panel.dataset.view = isTable ? "graph" : "table";
  for (const entry of panel.querySelectorAll('[data-action="turn"]')) {
    entry.hidden = (entry.dataset.view === "table") !== isTable;
  }
  const others = tables.filter((other) => other !== slug);
  setProps(ids.AS_TABLE, { data: isTable ? others : [...tables, slug] });
}

module.exports = { figureOf, paintAlert, paintLook, paintPanels, showNow, turnOver };
