/* The ids of the page's components.

   Given: the names of components/ids.py, by the module `constants`, which Python writes.
   Gives: each id by the name that it has there; where Python has a function, so has this.
   Example: ids.PERIOD is "filter-period", ids.graph("cases") is "cases-graph",
   ids.control("case_type") is "filter-case-type". */
const { filterIds, ids, idPatterns } = require("./constants");

const ofName = Object.entries(idPatterns).map(([what, pattern]) => [
  what,
  (name) => pattern.replace("{}", name),
]);
const ofFilter = ["control", "asked", "found"].map((what) => [
  what,
  (filter) => filterIds[filter][what],
]);

module.exports = Object.freeze({
  ...ids,
  ...Object.fromEntries([...ofName, ...ofFilter]),
});
