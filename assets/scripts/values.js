/* Small helpers for values.

   Gives: `same(one, other)`, whether two values have the same JSON; `own(table, key)`, what a table
   holds under a key, undefined for what every object has ("constructor"), since keys come from data.
   Example: same([1], [1]) is true; own({ a: 1 }, "constructor") is undefined. */
module.exports = {
  same: (one, other) => JSON.stringify(one) === JSON.stringify(other),
  own: (table, key) => (table && Object.hasOwn(table, key) ? table[key] : undefined),
};
