/* Drawers: dialogs that come in from the right; components/drawer.py makes them.

   Given: a press of actions.js on a button with data-action="open-drawer" (or "close-drawer") and the
   dialog's id in data-value.
   Gives: `open(id, trigger)`, where `trigger` is what gets the focus back; `close(id)`. What fills a
   drawer hears the event "drawer:open" at its dialog, and "close" when it is shut.
   Example: open(ids.HELP, button) opens the help. */
const TALLEST = 640; // pixels
const MARGIN = 8; // between a drawer that is placed in the document and what it may not leave

const triggers = new WeakMap(); // by drawer: what opened it

function open(id, trigger) {
  const drawer = document.getElementById(id);
  if (!drawer || drawer.open) return;
  const opener = trigger || document.activeElement;
  triggers.set(drawer, opener);
  // Before it takes the focus: the page scrolls to where that is.
  place(drawer, opener);
  drawer.showModal();
  drawer.dispatchEvent(new CustomEvent("drawer:open", { detail: { trigger: opener } }));
}

function close(id) {
  const drawer = document.getElementById(id);
  if (drawer?.open) drawer.close();
}

/* A frame may be as tall as what it holds, and its window then is no place where somebody looks:
   there a drawer is near what opened it. */
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

/* What opened a drawer may have been drawn anew meanwhile: then it is what does the same. */
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

let pressed = null; // where the pointer went down: a selection may end outside of its drawer
document.addEventListener("pointerdown", (event) => {
  pressed = event.target;
});

document.addEventListener("click", (event) => {
  // Its own contents cover a drawer: a press on itself is one beside it.
  const isBeside = event.target === pressed && event.target.matches("dialog.drawer");
  if (isBeside) event.target.close();
});

// A dialog's "close" does not rise to the document, but it passes it on its way down.
document.addEventListener(
  "close",
  (event) => {
    if (event.target.matches("dialog.drawer")) returnFocus(event.target);
  },
  true,
);

module.exports = { close, open };
