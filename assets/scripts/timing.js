/* Waiting, and knowing whether something newer has come meanwhile.

   Gives: `wait(milliseconds)`, a promise; `newestOnly()`, a function to be called when something
   begins: what it returns tells whether nothing newer has begun since.
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
