/* On a phone each row of the table is a card with its five main values; styles/table_cards.css draws it.

   Gives: `areCards()`, whether the rows are cards now; `nameCardValues(table)`, which gives each value
   the name of its column, since the headings are not there.
   Example: the second value of a card is "Data da Mensagem 22/11/2026 15:40". */
const phone = window.matchMedia("screen and (max-width: 430px)");

const areCards = () => phone.matches;

function nameCardValues(table) {
  if (!areCards()) return;
  for (const heading of table.querySelectorAll("th.dash-header")) {
    const column = heading.dataset.dashColumn;
    const label = heading.querySelector(".column-header-name")?.textContent || "";
    const cells = `td[data-dash-column="${CSS.escape(column)}"]:not([data-label="${CSS.escape(label)}"])`;
    for (const cell of table.querySelectorAll(cells)) cell.dataset.label = label;
  }
}

module.exports = { areCards, nameCardValues };
