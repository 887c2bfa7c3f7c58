/* From a click on a mark of a graph, or on a name in a table, to the filters that it sets.

   Given: what a mark carries (`customdata`, or data-value of a button): name, value, name, value.
   Gives: `filtersOfMark(pairs)`, these filters by name; `filtersOfClick(clickData)`, the same of what
   Dash says of a click.
   Example: filtersOfMark(["channel", "whats", "start", "2026-11-01", "end", "2026-11-01"]) is
   { channel: "whats", start: "2026-11-01", end: "2026-11-01" }. */
function filtersOfMark(pairs) {
  const filters = {};
  for (let place = 0; place + 1 < pairs.length; place += 2) {
    filters[pairs[place]] = pairs[place + 1];
  }
  return filters;
}

const filtersOfClick = (clickData) => filtersOfMark(clickData.points[0]?.customdata || []);

module.exports = { filtersOfClick, filtersOfMark };
