/* Sets the theme of the page: light, dark, or that of the system. Also tells the width of the screen,
   because figures depend on both.

   Given: a choice of components/layout.py's THEMES, the system's own theme, the width of the window.
   Gives: `applyTheme(choice)`, which sets the theme and returns the value for the store ids.THEME; an
   unknown choice is "auto"; `markTheme(choice)`, which marks the choice in the menu. When the system's
   theme or the width changes, the script updates the store.
   Example: applyTheme("auto") is { choice: "auto", effective: "dark", width: "wide" } at night. */
const { screens, themes } = require("./constants");
const { propsOf, setProps } = require("./dash");
const ids = require("./ids");

const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");
const narrowScreen = window.matchMedia(screens.narrow);
const mediumScreen = window.matchMedia(screens.medium);

const width = () => (narrowScreen.matches ? "narrow" : mediumScreen.matches ? "medium" : "wide");

function applyTheme(wanted) {
  const choice = themes.includes(wanted) ? wanted : "auto";
  const system = darkSystem.matches ? "dark" : "light";
  const effective = choice === "auto" ? system : choice;
  document.documentElement.dataset.bsTheme = effective;
  return { choice, effective, width: width() };
}

function markTheme(choice) {
  for (const button of document.querySelectorAll('[data-action="theme"]')) {
    button.setAttribute("aria-pressed", button.dataset.value === choice);
  }
}

function applyAgain() {
  const { data: theme } = propsOf(ids.THEME); // undefined before the address has been read
  // While it is printed, the page stays in the drawing for paper.
  if (theme && !("paper" in document.documentElement.dataset)) {
    setProps(ids.THEME, { data: applyTheme(theme.choice) });
  }
}
for (const query of [darkSystem, narrowScreen, mediumScreen]) {
  query.addEventListener("change", applyAgain);
}

// Before anything is painted.
applyTheme(new URLSearchParams(window.location.search).get("theme"));

module.exports = { applyTheme, markTheme };
