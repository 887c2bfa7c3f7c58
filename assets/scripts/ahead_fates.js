/* Counts what becomes of the answers that were asked for in advance, for the server's metrics.

   The next choice decides: answers that it shows were of use, the others were wasted.

   Gives: `arrived(key)`, for an answer that came in advance; `used(key)`, for one that is shown;
   `chosen(what)`, to be called with what the reader has chosen, as text, after `used`; `dropped(count)`,
   for answers that nobody waited for; `told()`, the counts since it was last called.
   Example: after arrived("a"), arrived("b"), used("a") and chosen("x"), told() is
   { used: 1, wasted: 1 }. */
const undecided = new Set(); // keys of answers that came in advance
let counts = { used: 0, wasted: 0 };
let choice = null;

const arrived = (key) => undecided.add(key);

function used(key) {
  if (undecided.delete(key)) counts.used += 1;
}

function dropped(count) {
  counts.wasted += count;
}

function chosen(what) {
  if (what === choice) return;
  choice = what;
  dropped(undecided.size);
  undecided.clear();
}

function told() {
  const before = counts;
  counts = { used: 0, wasted: 0 };
  return before;
}

module.exports = { arrived, chosen, dropped, told, used };
