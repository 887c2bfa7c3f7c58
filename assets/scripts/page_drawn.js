/* Tells when the page has been drawn, which Dash does after the server's first answer.

   Gives: `whenDrawn(act)`, which calls `act` with the page's outermost element as soon as it is there.
   Example: whenDrawn((page) => observer.observe(page)). */
const waiting = [];

function whenDrawn(act) {
  const page = document.querySelector(".consumo");
  if (page) act(page);
  else if (waiting.push(act) === 1) watch();
}

function watch() {
  const coming = new MutationObserver(() => {
    const page = document.querySelector(".consumo");
    if (!page) return;
    coming.disconnect();
    for (const act of waiting.splice(0)) act(page);
  });
  coming.observe(document.documentElement, { childList: true, subtree: true });
}

module.exports = { whenDrawn };
