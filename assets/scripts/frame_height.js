/* Inside another page's frame: sets the class for framed.css, and sends the page's height to the parent
   page, so that it can make the frame as tall and needs no scroll bar. docs/embedding.md describes it.

   Given: whether the page is in a frame; elsewhere the script does nothing.
   Gives: the class "framed" on <html>; to the parent page the message
   { type: "consumo-whatsapp:height", height } at each new height, in pixels.
   Example: a page of 2,400 pixels sends { type: "consumo-whatsapp:height", height: 2400 }. */
let sentHeight = 0;
function sendHeight(page) {
  const height = Math.ceil(page.getBoundingClientRect().height);
  if (height === sentHeight) return;
  sentHeight = height;
  // The target "*" is any origin: a height is no secret, and the portal's origin is not known here.
  window.parent.postMessage({ type: "consumo-whatsapp:height", height }, "*");
}

/* Waits for the page, which Dash draws after the server's first answer. */
function watch() {
  const coming = new MutationObserver(() => {
    const page = document.querySelector(".consumo");
    if (!page) return;
    coming.disconnect();
    new ResizeObserver(() => sendHeight(page)).observe(page);
  });
  coming.observe(document.documentElement, { childList: true, subtree: true });
}

if (window.self !== window.top) {
  document.documentElement.classList.add("framed");
  watch();
}
