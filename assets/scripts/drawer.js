/* Drawers: dialogs that come in from the right; components/drawer.py makes them.

   Given: a press of actions.js on a button with data-action="open-drawer" (or "close-drawer") and the
   dialog's id in data-value.
   Gives: `open(id, trigger)`, where `trigger` is what gets the focus back; `close(id)`. What fills a
   drawer hears the event "drawer:open" at its dialog, and "close" when it is shut.
   Example: open(ids.HELP, button) opens the help. */
const TALLEST = 640; // pixels
const MARGIN = 8; // pixels between a drawer in a frame and the edges of the window

const triggers = new WeakMap(); // by drawer: the element that opened it

function open(id, trigger) {
  const drawer = document.getElementById(id);
  if (!drawer || drawer.open) return;
  const opener = trigger || document.activeElement;
  triggers.set(drawer, opener);
  // Placed before it opens: the browser scrolls to what takes the focus.
  place(drawer, opener);
  drawer.showModal();
  drawer.dispatchEvent(new CustomEvent("drawer:open", { detail: { trigger: opener } }));
}

function close(id) {
  const drawer = document.getElementById(id);
  if (drawer?.open) drawer.close();
}

/* In a frame, which may be taller than the screen, a drawer is placed near what opened it. Elsewhere the
   style alone places it. */
function place(drawer, opener) {
  const page = document.documentElement;
  page.style.setProperty("--scrollbar", `${window.innerWidth - page.clientWidth}px`);
  if (!page.classList.contains("framed")) return;
  const near = opener ? opener.getBoundingClientRect().top : 0;
  const height = Math.min(TALLEST, 0.8 * window.innerHeight);
  const lowest = window.innerHeight - height - MARGIN;
  const top = Math.max(MARGIN, Math.min(near - 5 * MARGIN, lowest));
  drawer.style.setProperty("--drawer-top", `${Math.round(window.scrollY + top)}px`);
  drawer.style.setProperty("--drawer-height", `${Math.floor(height)}px`);
}

/* Gives the focus back to what opened the drawer. Where that was drawn anew meanwhile, the element with
   the same action and value gets it. */
function returnFocus(drawer) {
  const opener = triggers.get(drawer);
  triggers.delete(drawer);
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

let pressed = null; // where the pointer went down: selecting text in a drawer may end outside of it
document.addEventListener("pointerdown", (event) => {
  pressed = event.target;
});

document.addEventListener("click", (event) => {
  // The contents of a drawer cover it: a press on the dialog itself is one beside it.
  const isBeside = event.target === pressed && event.target.matches("dialog.drawer");
  if (isBeside) event.target.close();
});

// A dialog's "close" does not bubble: so it is caught in the capturing phase.
document.addEventListener(
  "close",
  (event) => {
    if (event.target.matches("dialog.drawer")) returnFocus(event.target);
  },
  true,
);

module.exports = { close, open };
