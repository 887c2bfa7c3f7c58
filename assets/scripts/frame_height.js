/* Inside another page: a look of its own, and a word to the parent of how tall the page is, so that the
   frame can be made as tall and needs no scroll bar. docs/embedding.md tells portals of it.

   Given: whether the page is in a frame.
   Gives: the class "framed" on <html>, for the styles; to the parent the message
   { type: "consumo-whatsapp:height", height } with each new height, in pixels.
   Example: a page of 2,400 pixels sends { type: "consumo-whatsapp:height", height: 2400 }. */
let told = 0;
function tell(page) {
  const height = Math.ceil(page.getBoundingClientRect().height);
  if (height === told) return;
  told = height;
  // The target "*" is any origin: a height is no secret, and the portal's origin is not known here.
  window.parent.postMessage({ type: "consumo-whatsapp:height", height }, "*");
}

/* Waits for the page, which Dash draws after the server's first answer. */
function watch() {
  const coming = new MutationObserver(() => {
    const page = document.querySelector(".consumo");
    if (!page) return;
    coming.disconnect();
    new ResizeObserver(() => tell(page)).observe(page);
  });
  coming.observe(document.documentElement, { childList: true, subtree: true });
}

if (window.self !== window.top) {
  document.documentElement.classList.add("framed");
  watch();
}
