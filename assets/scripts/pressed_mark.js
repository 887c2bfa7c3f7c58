/* Finds the filters that a click on a bar of a graph, or on a name in a table, sets.

   Given: a list of name, value, name, value …, which a bar has as `customdata` and a button as JSON in
   data-value. Which filters a bar sets is decided by its panel: `_press` in components/panels.
   Gives: `filtersOfMark(pairs)`, these filters by name.
   Example: filtersOfMark(["channel", "whats", "start", "2026-11-01", "end", "2026-11-01"]) is
   { channel: "whats", start: "2026-11-01", end: "2026-11-01" }. */
function filtersOfMark(pairs) {
  const filters = {};
  for (let place = 0; place + 1 < pairs.length; place += 2) {
    filters[pairs[place]] = pairs[place + 1];
  }
  return filters;
}

module.exports = { filtersOfMark };
