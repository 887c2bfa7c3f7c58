/* Inside another page: its own look, and a word to the parent of how tall the page is, so that the
   frame can be made as tall and needs no scroll bar. docs/embedding.md tells portals of it. */
(function () {
  "use strict";

  if (window.self === window.top) return;
  document.documentElement.classList.add("framed");

  let told = 0;
  function tell(page) {
    const height = Math.ceil(page.getBoundingClientRect().height);
    if (height === told) return;
    told = height;
    // A height is no secret, and the parent's origin need not be known for it.
    window.parent.postMessage({ type: "consumo-whatsapp:height", height }, "*");
  }

  /* The page comes with the first answer of the server. */
  const waiting = new MutationObserver(() => {
    const page = document.querySelector(".consumo");
    if (!page) return;
    waiting.disconnect();
    new ResizeObserver(() => tell(page)).observe(page);
  });
  waiting.observe(document.documentElement, { childList: true, subtree: true });
})();
