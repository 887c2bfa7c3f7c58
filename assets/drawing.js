/* Graphs as they are seen: figures come with colours by name, and take those of the theme in force and
   the drawing that fits the screen; a graph can give way to its numbers. */
(function () {
  "use strict";

  const { keep, part, same, setProps, wait } = window.consumo;

  const palettes = {}; // by theme: what its colours are, each asked of the style once

  function colourOf(name, theme) {
    const palette = (palettes[theme] = palettes[theme] || {});
    if (!(name in palette)) {
      palette[name] = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
    }
    return palette[name];
  }

  const NAMED = /^var\((--[\w-]+)\)$/; // a colour by its name,
  const NAMED_INSIDE = /(?<=<span style="color:)var\((--[\w-]+)\)/g; // or that of a part of a text

  /* Colours by name become those of the theme in force. What comes from data has no tags. */
  function coloured(part, theme, key = "") {
    if (typeof part === "string") {
      const pattern = key === "text" ? NAMED_INSIDE : key.endsWith("color") && NAMED;
      return pattern ? part.replace(pattern, (_, name) => colourOf(name, theme)) : part;
    }
    if (part === null || typeof part !== "object") return part;
    if (Array.isArray(part)) {
      return typeof part[0] === "number" ? part : part.map((one) => coloured(one, theme, key));
    }
    return Object.fromEntries(
      Object.entries(part).map(([key, one]) => [key, coloured(one, theme, key)]));
  }

  const painted = {}; // by graph: its figures, colours still by name

  /* The first drawing of a graph takes as long as three later ones: each has a task of its own, so
     that the page listens in between. */
  let turn = Promise.resolve();
  function inTurn(act) {
    turn = turn.then(() => wait(0)).then(act);
    return turn;
  }

  function paint(slug, ...given) {
    const isFirst = given[0] && !painted[`${slug}-graph`];
    return isFirst ? inTurn(() => drawn(slug, ...given)) : drawn(slug, ...given);
  }

  /* The figure of a panel, and its numbers where they are wanted as a table. */
  function drawn(slug, figures, theme, asTable, tableBefore) {
    const chosen = figures && theme && (figures[theme.width] || figures.wide);
    const wanted = figures && (asTable || []).includes(slug);
    if (figures) painted[`${slug}-graph`] = figures;
    const table = wanted ? numbersTable(figures) : [];
    return [
      chosen ? coloured(chosen, theme.effective) : keep(),
      same(table, tableBefore) ? keep() : table,
    ];
  }

  /* Rows whose names narrow the page as a press on their mark does. */
  function numbersTable({ heads, lines }) {
    const head = heads.map((name) => part("th", { scope: "col" }, name));
    const rows = lines.map(([[name, ...cells], press]) =>
      part("tr", {},
        part("th", { scope: "row" }, press.length ? part("button", {
          type: "button", className: "link-button", "data-action": "narrow",
          "data-value": JSON.stringify(press),
        }, name) : name),
        ...cells.map((cell) => part("td", {}, cell))));
    return [part("table", { className: "numbers" },
      part("thead", {}, part("tr", {}, ...head)), part("tbody", {}, ...rows))];
  }

  /* A panel's graph gives way to its numbers, and the reverse. */
  let asTable = [];
  function turnOver(slug) {
    const isTable = asTable.includes(slug);
    asTable = isTable ? asTable.filter((one) => one !== slug) : [...asTable, slug];
    const panel = document.getElementById(`panel-${slug}`);
    panel.dataset.view = isTable ? "graph" : "table";
    for (const entry of panel.querySelectorAll('[data-action="turn"]')) {
      entry.hidden = (entry.dataset.view === "table") !== isTable;
    }
    setProps("as-table", { data: asTable });
  }

  /* Of those who wait, the ones with so much left of their window; pressed again, all of them. */
  let listed = null;
  function listWindow(window_) {
    listed = listed === window_ ? null : window_;
    setProps("waiting-window", { data: listed });
  }

  /* A graph's figure in another theme and width than those of the screen. */
  function figureOf(graph, theme, drawing) {
    const figures = painted[graph];
    return figures ? coloured(figures[drawing] || figures.wide, theme) : null;
  }

  Object.assign(window.consumo.calls, { paint });
  Object.assign(window.consumo.acts, { turn: turnOver, window: listWindow });
  window.consumo.figureOf = figureOf;
})();
