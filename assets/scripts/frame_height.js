/* Inside another page's frame: sets the class for framed.css, and tells the portal the page's height,
   so that it can make the frame as tall and needs no scroll bar.

   Given: whether the page is in a frame; elsewhere the script does nothing.
   Gives: the class "framed" on <html>; to the portal the message { type: "height", height } at each new
   height, in pixels, with room for what is open over the page. No style may depend on the height of a
   frame with the class "in-portal": the page would then grow with the frame that follows it.
   Example: a page of 2,400 pixels sends { type: "height", height: 2400 }. */
const { whenDrawn } = require("./page_drawn");
const session = require("./session");

const OPEN =
  "details[open] > .menu-body, .dropdown-menu.show, [data-radix-popper-content-wrapper] > *";
const MARGIN = 8; // pixels below what is open
const OPENING_MS = 60; // a menu has opened so long after the press

let sentHeight = 0;
function sendHeight(page) {
  const opened = [...document.querySelectorAll(OPEN)].map(
    (menu) => menu.getBoundingClientRect().bottom + window.scrollY + MARGIN,
  );
  const height = Math.ceil(Math.max(page.getBoundingClientRect().height, ...opened));
  if (height === sentHeight) return;
  sentHeight = height;
  session.say({ type: "height", height });
}

const root = document.documentElement;
if (window.self !== window.top) root.classList.add("framed");
if (session.isPortal) {
  root.classList.add("in-portal");
  whenDrawn((page) => {
    new ResizeObserver(() => sendHeight(page)).observe(page);
    for (const kind of ["click", "keyup"]) {
      document.addEventListener(kind, () => setTimeout(sendHeight, OPENING_MS, page), true);
    }
  });
}
