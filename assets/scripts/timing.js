/* Waits, and finds out whether something newer began meanwhile.

   Gives: `wait(milliseconds)`, a promise that is fulfilled after this time; `newestOnly()`, a function
   `begin` to call at each beginning. `begin()` returns a function that tells whether this beginning is
   still the newest.
   Example: const begin = newestOnly(); const isNewest = begin(); begin(); isNewest() is false. */
function newestOnly() {
  let newest = 0;
  return () => {
    newest += 1;
    const mine = newest;
    return () => mine === newest;
  };
}

module.exports = {
  newestOnly,
  wait: (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
};
