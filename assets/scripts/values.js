/* Compares values, and reads properties of objects safely.

   Gives: `same(one, other)`, whether two values have the same JSON; `own(table, key)`, the object's own
   property, and undefined for one that every object inherits, such as "constructor"; keys may come
   from the data.
   Example: same([1], [1]) is true; own({ a: 1 }, "constructor") is undefined. */
module.exports = {
  same: (one, other) => JSON.stringify(one) === JSON.stringify(other),
  own: (table, key) => (table && Object.hasOwn(table, key) ? table[key] : undefined),
};
