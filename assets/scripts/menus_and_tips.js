/* Closes menus (details.menu) and tips (.tip).

   Given: the menus and tips of the page; Esc closes both, a press outside closes menus.
   Gives: `closeMenu(menu)`, which closes a menu and returns the focus to its button.
   Example: Esc in the menu of the period closes it, and its button has the focus.
   The browser places menus and tips: see buttons_and_menus.css and tips.css. */

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
    // A calendar or list within a menu closes itself with this press; the next one closes the menu.
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
