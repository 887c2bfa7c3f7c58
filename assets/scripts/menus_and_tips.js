/* Menus (details.menu) and tips (.tip): where they open, and what closes them.

   Given: the menus and tips of the page, open or not.
   Gives: `closeMenu(menu)`, which closes a menu and gives the focus back to its button. By itself it
   keeps what opens on the screen: a tip is moved sideways as far as it must be, and what has no room
   below what it belongs to opens above it, where there is some. Esc closes both; a press elsewhere
   closes menus.
   Example: a menu near the lower end of the window gets the attribute data-upwards as it opens. */

const MARGIN = 8;

/* Up to where the page is covered by the filters, which stick. */
function coveredTop(element) {
  const bar = document.querySelector(".filter-bar");
  if (!bar || bar.contains(element) || getComputedStyle(bar).position !== "sticky") return 0;
  return Math.max(0, bar.getBoundingClientRect().bottom);
}

/* Whether `body` opens above its `holder`. */
function turn(holder, body) {
  holder.removeAttribute("data-upwards");
  const { bottom, height } = body.getBoundingClientRect();
  const above = holder.getBoundingClientRect().top - coveredTop(holder);
  const isLow = bottom + MARGIN > window.innerHeight;
  holder.toggleAttribute("data-upwards", isLow && above > height + 2 * MARGIN);
}

// --- tips --------------------------------------------------------------------------------------

let shown = null; // the tip that was shown last

function showTip({ target }) {
  const tip = target.closest?.(".tip");
  if (!tip) return;
  shown = tip;
  placeTip(tip);
}

function placeTip(tip) {
  const text = tip.querySelector(".tip-text");
  if (!text?.offsetWidth) return;
  text.style.removeProperty("--shift");
  turn(tip, text);
  const { left, right } = text.getBoundingClientRect();
  const most = document.documentElement.clientWidth - MARGIN - right;
  const shift = Math.max(MARGIN - left, Math.min(0, most));
  text.style.setProperty("--shift", `${shift}px`);
}

document.addEventListener("mouseover", showTip);
document.addEventListener("focusin", showTip);
// What takes the focus may still be on its way into view.
document.addEventListener("scroll", () => shown && placeTip(shown), { passive: true });

// --- menus -------------------------------------------------------------------------------------

/* A press opens a menu after those who listen have had it, and before it is painted. */
document.addEventListener("click", ({ target }) => {
  const summary = target.closest?.("details.menu > summary");
  if (summary) requestAnimationFrame(() => placeMenu(summary.parentElement));
});

function placeMenu(menu) {
  const body = menu.querySelector(".menu-body");
  if (menu.open && body && getComputedStyle(body).position === "absolute") turn(menu, body);
}

// --- closing -----------------------------------------------------------------------------------

const openMenus = () => document.querySelectorAll("details.menu[open]");

document.addEventListener("click", (event) => {
  openMenus().forEach((menu) => {
    // A dropdown inside a menu draws its list elsewhere in the page.
    const floats = event.target.closest("[data-radix-popper-content-wrapper]");
    if (!menu.contains(event.target) && !floats) menu.open = false;
  });
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape") return;
    document.documentElement.classList.add("tips-dismissed");
    // A calendar or a list that a menu has opened closes by itself, and the menu with the next press.
    if (document.querySelector("[data-radix-popper-content-wrapper]")) return;
    openMenus().forEach((menu) => {
      if (menu.contains(document.activeElement)) menu.querySelector("summary").focus();
      menu.open = false;
    });
  },
  true,
);
const allowTips = () => document.documentElement.classList.remove("tips-dismissed");
document.addEventListener("focusin", allowTips);
document.addEventListener("mouseover", (event) => {
  if (event.target.closest?.(".tip")) allowTips();
});

function closeMenu(menu) {
  menu.open = false;
  menu.querySelector("summary").focus({ preventScroll: true });
}

module.exports = { closeMenu };
