/* Opens and closes drawers, and returns the focus; components/drawer.py makes them (an Offcanvas of
   dash-bootstrap-components).

   Given: a press (actions.js) on a button with data-action="open-drawer" or "close-drawer" and the
   drawer's id in data-value.
   Gives: `open(id, opener)`, where `opener` is the element that gets the focus back; `close(id)`;
   `isOpen(id)`, which is true as long as the drawer is on the page; `whenClosed(id, act)`, which calls
   `act` each time that the drawer has been closed.
   Example: open(ids.HELP, button) opens the help.
   The library keeps the focus in an open drawer, and closes it by Esc and by a press beside it. */
const { setProps } = require("./dash");

const TALLEST = 640; // pixels, of a drawer in a frame
const MARGIN = 8; // between a drawer in a frame and the edges of the frame

const openers = new Map(); // by the id of an open drawer: the element that opened it

const closers = new Map(); // by the id of a drawer: what is called when it has been closed

const isOpen = (id) => Boolean(document.getElementById(id));

function open(id, opener) {
  if (isOpen(id)) return;
  openers.set(id, opener || document.activeElement);
  place(openers.get(id));
  setProps(id, { is_open: true });
}

const whenClosed = (id, act) => closers.set(id, act);

const close = (id) => setProps(id, { is_open: false });

/* Places a drawer near its opener where the page is in a frame, which may be taller than the screen.
   Elsewhere styles/drawer.css places it. */
function place(opener) {
  const page = document.documentElement;
  if (!page.classList.contains("framed")) return;
  const near = opener ? opener.getBoundingClientRect().top : 0;
  const height = Math.min(TALLEST, 0.8 * window.innerHeight);
  const lowest = window.innerHeight - height - MARGIN;
  const top = Math.max(MARGIN, Math.min(near - 5 * MARGIN, lowest));
  page.style.setProperty("--drawer-top", `${Math.round(window.scrollY + top)}px`);
  page.style.setProperty("--drawer-height", `${Math.floor(height)}px`);
}

/* Returns the focus to the element that opened the drawer. Where it has been redrawn meanwhile, the
   element with the same action and value gets the focus. */
function returnFocus(id) {
  const opener = openers.get(id);
  openers.delete(id);
  if (!opener) return;
  const { action, value } = opener.dataset || {};
  const again =
    action &&
    [...document.querySelectorAll(`[data-action="${CSS.escape(action)}"]`)].find(
      (other) => other.dataset.value === value,
    );
  const target = opener.isConnected ? opener : again;
  if (target) target.focus({ preventScroll: true });
}

// The library adds an open drawer to the body, and takes it away when it is closed.
new MutationObserver((changes) => {
  for (const { removedNodes } of changes) {
    for (const { id } of removedNodes) {
      if (!openers.has(id) || isOpen(id)) continue;
      returnFocus(id);
      closers.get(id)?.();
    }
  }
}).observe(document.body, { childList: true });

module.exports = { close, isOpen, open, whenClosed };
