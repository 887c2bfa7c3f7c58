/* Unfolds a panel that is folded because the data lack what it needs, and folds it again.

   Given: a press (actions.js) on one of the buttons of `fold_buttons` in components/lacking.py.
   Gives: `foldPanel(value, button)`, which turns the panel of the button over.
   Example: a press on "Show all the same" shows the list of who waits, in a store without agents. */

/* The mark is no class name: the server sets those with each answer, and knows of no press. */
function foldPanel(_value, button) {
  button.closest(".panel").toggleAttribute("data-unfolded");
}

module.exports = { foldPanel };
