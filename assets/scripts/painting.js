/* Makes a panel's plotly figure for the theme and the width of the screen, and its table of numbers.

   Given, by callbacks/painting.py: the figures of a panel (`PanelView.figures` of
   components/panels/view.py), whose colours are names; the theme; and which graphs are shown as tables.
   Gives to it: `paintPanel(given)`, { figure, numbers }, or a promise of it.
   Gives to scripts: `figureOf(slug, theme, width)`, a panel's figure in any theme and width, null
   before its first answer; `turnOver(slug)`, which shows a graph as its table, and back.
   Example: a figure with `color: "var(--sent)"` is painted with "#0F6E84" in the light theme. */
const { keep, propsOf, setProps } = require("./dash");
const { element } = require("./html_tree");
const ids = require("./ids");
const { coverGraph } = require("./press_areas");
const { wait } = require("./timing");
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

const begun = new Set(); // slugs of the panels whose graph has been drawn

/* Runs `act` after those before it, each in a task of its own. The first drawing of a graph takes as long
   as three later ones; between the tasks the page can react to presses. */
let turn = Promise.resolve();
function inTurn(act) {
  turn = turn.then(() => wait(0)).then(act);
  return turn;
}

function paintPanel(given) {
  const isFirst = given.figures && !begun.has(given.slug);
  if (!isFirst) return painted(given);
  return inTurn(() => {
    begun.add(given.slug);
    return painted(given);
  });
}

function painted({ slug, figures, theme, asTable, numbersBefore }) {
  const figure = figures && theme && (figures[theme.width] || figures.wide);
  if (figure) coverGraph(slug);
  const isTable = figures && (asTable || []).includes(slug);
  const numbers = isTable ? numbersTable(figures) : [];
  return {
    figure: figure ? coloured(figure, theme.effective) : keep(),
    numbers: same(numbers, numbersBefore) ? keep() : numbers,
  };
}

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

function figureOf(slug, theme, width) {
  const { data: figures } = propsOf(ids.figures(slug));
  return figures ? coloured(figures[width] || figures.wide, theme) : null;
}

module.exports = { figureOf, paintPanel, turnOver };
