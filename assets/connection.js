/* What the page does when the server does not answer: it says so, keeps the numbers it has, and asks
   for all of them again with the first answer that comes. The page's first script tells of each call,
   see components/index.py. */
(function () {
  "use strict";

  let lost = false;

  function show(isLost) {
    lost = isLost;
    document.documentElement.classList.toggle("lost", lost);
    const note = document.getElementById("lost-note");
    if (note) note.hidden = !lost;
  }

  window.addEventListener("consumo:call", ({ detail: { answered } }) => {
    if (!answered) show(true);
    else if (lost) {
      show(false);
      window.consumo.askAgain();
    }
  });
})();
