/* Keeps the last answers of panels, so that a question that was answered before asks nobody.

   Given: keys of questions, which name the version of the data; what the browser paints of a panel.
   Gives: `keptAnswer(key)`, undefined where there is none; `keepAnswer(key, parts)`, which forgets the
   answer that was not used for longest where there are MOST; `isKept(key)`; `forgetAnswers()`.
   Example: after keepAnswer("a", parts), keptAnswer("a") is parts. */
const MOST = 240; // answers of single panels: some twenty questions of a whole page

const kept = new Map(); // in the order of their last use

function keptAnswer(key) {
  const parts = kept.get(key);
  if (parts) keepAnswer(key, parts);
  return parts;
}

function keepAnswer(key, parts) {
  kept.delete(key);
  kept.set(key, parts);
  if (kept.size > MOST) kept.delete(kept.keys().next().value);
}

const isKept = (key) => kept.has(key);

const forgetAnswers = () => kept.clear();

module.exports = { forgetAnswers, isKept, keepAnswer, keptAnswer };
