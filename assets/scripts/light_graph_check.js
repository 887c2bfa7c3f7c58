/* Tells whether a figure can be drawn by light_graph.js: whether it has nothing but what the page's own graphs
   have. All that is left out in a figure has plotly's default, which is drawn only where it is checked here.

   Given: the traces and the layout of a figure of plotly.
   Gives: `canBeLight(data, layout)`.
   Example: canBeLight([{ type: "scatter" }], layout) is false. */
const KNOWN = {
  layout: [
    ...["paper_bgcolor", "plot_bgcolor", "font", "showlegend", "dragmode", "hoverlabel", "margin"],
    ...[
      "barcornerradius",
      "bargap",
      "bargroupgap",
      "barmode",
      "xaxis",
      "yaxis",
      "shapes",
      "annotations",
    ],
  ],
  font: ["family", "size", "color"],
  axis: [
    ...["type", "range", "fixedrange", "visible", "tickvals", "ticktext", "tickfont", "tickangle"],
    ...["showgrid", "gridcolor", "gridwidth", "zeroline", "zerolinecolor", "zerolinewidth"],
  ],
  // The last three say nothing about what is drawn.
  trace: ["type", "marker", "x", "y", "orientation", "hovertext", "hoverinfo", "customdata"],
  marker: ["color", "line", "pattern"],
  edge: ["width", "color"],
  pattern: ["shape", "fgcolor", "fillmode", "size", "solidity"],
  shape: ["type", "xref", "yref", "x0", "x1", "y0", "y1", "layer", "line", "opacity"],
  line: ["color", "width", "dash"],
  annotation: [
    ...["text", "x", "y", "xref", "yref", "showarrow", "xanchor", "yanchor", "font", "xshift"],
  ],
};
const CORNER_PX = 2;
const OTHER_TAG = /<(?!\/?b>|\d[^>]*(<|$))/; // any tag but <b>; plotly takes "<0,1%" for a text, too

const has = (names, part) => Object.keys(part || {}).every((name) => names.includes(name));
const areNumbers = (values) =>
  Array.isArray(values) && values.every((value) => Number.isFinite(value));
const isOneOf = (value, ...allowed) => allowed.includes(value);

function canBeLight(data, layout) {
  const { margin = {}, xaxis, yaxis, font, shapes = [], annotations = [] } = layout;
  return (
    has(KNOWN.layout, layout) &&
    layout.barcornerradius === CORNER_PX &&
    layout.paper_bgcolor === layout.plot_bgcolor &&
    isOneOf(layout.barmode, "stack", "relative", "group") &&
    areNumbers([margin.l, margin.r, margin.t, margin.b]) &&
    isKnownFont(font) &&
    KNOWN.font.every((name) => name in font) &&
    isKnownAxis(xaxis) &&
    (xaxis.visible === false || (xaxis.showgrid === false && xaxis.zeroline === false)) &&
    isKnownAxis(yaxis) &&
    data.every((trace) => isKnownTrace(trace, layout.barmode)) &&
    new Set(data.map(({ orientation }) => orientation)).size <= 1 &&
    shapes.every(isKnownShape) &&
    annotations.every(isKnownAnnotation)
  );
}

const isKnownFont = (font) => Boolean(font) && has(KNOWN.font, font);

function isKnownAxis(axis) {
  return (
    has(KNOWN.axis, axis) &&
    isOneOf(axis?.type, undefined, "linear") &&
    areNumbers(axis.range) &&
    isOneOf(axis.tickangle, undefined, 0) &&
    (axis.visible === false || (areNumbers(axis.tickvals) && Array.isArray(axis.ticktext))) &&
    (!axis.tickfont || isKnownFont(axis.tickfont))
  );
}

function isKnownTrace({ marker = {}, ...trace }, barmode) {
  const lengths = trace.orientation === "h" ? trace.x : trace.y;
  return (
    trace.type === "bar" &&
    has(KNOWN.trace, trace) &&
    areNumbers(trace.x) &&
    areNumbers(trace.y) &&
    // In a stack plotly adds up what is below zero as well.
    (barmode !== "stack" || lengths.every((length) => length >= 0)) &&
    has(KNOWN.marker, marker) &&
    [marker.color].flat().every((colour) => typeof colour === "string") &&
    has(KNOWN.edge, marker.line) &&
    isOneOf(typeof marker.line?.width, "number") &&
    (!marker.pattern || isKnownPattern(marker.pattern))
  );
}

const isKnownPattern = (pattern) =>
  has(KNOWN.pattern, pattern) &&
  pattern.fillmode === "overlay" &&
  areNumbers([pattern.size, pattern.solidity]) &&
  [pattern.shape].flat().every((shape) => isOneOf(shape, "", "/"));

const isKnownShape = (shape) =>
  has(KNOWN.shape, shape) &&
  shape.type === "line" &&
  shape.xref === "x" &&
  shape.layer === "below" &&
  has(KNOWN.line, shape.line) &&
  isOneOf(shape.line?.dash, "solid", "dot");

const isKnownAnnotation = (note) =>
  has(KNOWN.annotation, note) &&
  note.showarrow === false &&
  isOneOf(note.xanchor, "left", "center", "right") &&
  isOneOf(note.yanchor, "middle", "bottom") &&
  isKnownFont(note.font) &&
  !OTHER_TAG.test(note.text);

module.exports = { canBeLight };
