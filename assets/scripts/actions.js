/* What a press on a button with data-action does.

   Given: elements with data-action, and with data-value or data-name where the action needs them; one
   with data-go leads to the panel of that slug as well.
   Gives: nothing to other scripts. An action of AT_ONCE calls a function; one of CONTROLS is written
   to the store ids.ACTION, from which filters.js changes the filters' controls.
   Example: a press on <button data-action="preset" data-value="last7"> sets the last 7 days. */
const { setProps } = require("./dash");
const { copyText } = require("./clipboard");
const { tell, usualFigures } = require("./comparison");
const { copyLink } = require("./copy_link");
const { download, fetchFile } = require("./downloads");
const drawer = require("./drawer");
const { foldFilters } = require("./filter_sheet");
const { foldPanel } = require("./folded_panels");
const ids = require("./ids");
const { goToPanel, skipToNumbers } = require("./jumps");
const { chooseRows, orderRows, showMore } = require("./list_choice");
const { closeMenu } = require("./menus_and_tips");
const { turnOver } = require("./painting");
const { retry } = require("./question");
const { saveImage } = require("./picture");
const { printAll } = require("./print");
const { openTimeline } = require("./case_timeline");
const { toggleFolded } = require("./table_columns");
const { openSources } = require("./sources");
const { swapTyped } = require("./typed_period");
const { openTrend } = require("./template_trend");

/* By the action's name: the function that is called with the button's value, the button and the event. */
const AT_ONCE = {
  case: openTimeline,
  "copy-link": copyLink,
  "copy-text": copyText,
  choose: chooseRows,
  "close-drawer": drawer.close,
  download,
  "fetch-file": fetchFile,
  "fold-columns": toggleFolded,
  "fold-filters": foldFilters,
  "fold-panel": foldPanel,
  go: goToPanel,
  more: showMore,
  "open-drawer": drawer.open,
  order: orderRows,
  png: saveImage,
  print: printAll,
  retry,
  skip: skipToNumbers,
  sources: openSources,
  tell,
  "swap-typed": swapTyped,
  trend: openTrend,
  turn: turnOver,
  "usual-figures": usualFigures,
};
const CONTROLS = [
  ...["clear", "remove", "unfilter", "narrow"],
  ...["remove-rest", "undo"],
  ...["preset", "swap-held", "widen", "theme", "default-columns"],
];

const FOCUS_MS = 5000; // for so long after a press its button may be removed
const LOOK_MS = 64; // between two checks of the focus

/* Moves the focus to the panel or the selection where a pressed button is removed from it, such as that
   of a chip, so that keyboard users go on from there. */
function keepFocus(button) {
  const region = button.closest(".panel, .chip-line, .selection");
  const end = performance.now() + FOCUS_MS;
  const look = () => {
    const isLost = document.activeElement === document.body;
    if (isLost && region?.isConnected) {
      region.tabIndex = -1;
      region.focus({ preventScroll: true });
    } else if (!isLost && performance.now() < end && document.activeElement === button) {
      setTimeout(look, LOOK_MS);
    }
  };
  look();
}

/* Returns the button of the row that was pressed: the whole row is as good as the name in it. */
const buttonOfRow = (target) =>
  target.closest("a, button, input, select, summary")
    ? null
    : target.closest("tr")?.querySelector('[data-action="narrow"]');

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]") || buttonOfRow(event.target);
  if (!button) return;
  const { action: kind, name } = button.dataset;
  const value = kind === "widen" ? button.value : button.dataset.value;
  const act = Object.hasOwn(AT_ONCE, kind) && AT_ONCE[kind];
  if (act) act(value, button, event);
  else if (CONTROLS.includes(kind)) {
    const { go } = button.dataset;
    const panel = go ? ids.panel(go) : button.closest(".panel")?.id;
    setProps(ids.ACTION, { data: { kind, name, value, panel, at: performance.now() } });
    // What the press changes is seen in another panel.
    if (go) return goToPanel(go, button, event);
  }
  const menu = button.closest("details.menu");
  if (menu && !menu.matches(".chips-more")) closeMenu(menu);
  else keepFocus(button);
});
