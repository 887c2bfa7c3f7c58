/* The ids of the page's components.

   Given: the names of components/ids.py, through the module `constants`, which Python writes.
   Gives: the same constants and functions under the same names.
   Example: ids.PERIOD is "filter-period", ids.graph("cases") is "cases-graph",
   ids.control("case_type") is "filter-case-type". */
const { filterIds, ids, idPatterns } = require("./constants");

const ofName = Object.entries(idPatterns).map(([kind, pattern]) => [
  kind,
  (name) => pattern.replace("{}", name),
]);
const ofFilter = ["control", "asked", "found"].map((kind) => [
  kind,
  (filter) => filterIds[filter][kind],
]);

module.exports = Object.freeze({
  ...ids,
  ...Object.fromEntries([...ofName, ...ofFilter]),
});
