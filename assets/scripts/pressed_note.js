/* Says what a press on a mark did: "Só: Falhou · desfazer". The button takes the press back; so does
   Ctrl+Z outside of fields.

   Given: a press on a mark (filters.js), and each question that follows (selection.js).
   Gives: `pressed(filters, panel)`, for the filters that a press sets and the id of its panel;
   `showPressed(question)`, which shows the note with the question of the press and hides it with the
   next other one.
   Example: after pressed({ status: "failed", direction: "out" }, panel) the note says "Só: Falhou". */
const { setProps } = require("./dash");
const { filterLabels, labelIn } = require("./filter_labels");
const ids = require("./ids");
const { periodText } = require("./period_button");
const { filled } = require("./text");

let words = null; // of the press whose question is on its way
let shown = null; // the question with which the note came

function pressed(filters, panel) {
  const { start, end, ...values } = filters;
  const lists = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, [value]]));
  // The label of a status says of which direction it is.
  const named = Object.keys(lists).filter((name) => name !== "direction" || !lists.status);
  const texts = [
    ...(start && end ? [periodText([start, end])] : []),
    ...named.map((name) => labelIn(lists, name, values[name])),
  ];
  words = { text: filled(filterLabels().only, { what: texts.join(" · ") }), panel };
}

function showPressed(question) {
  const note = document.getElementById(ids.PRESSED_NOTE);
  const key = JSON.stringify(question);
  if (words) {
    const [text, button] = note.children;
    text.textContent = words.text;
    button.textContent = filterLabels().undo;
    note.hidden = false;
    placeAt(note, words.panel);
    [words, shown] = [null, key];
  } else if (shown !== null && key !== shown) {
    note.hidden = true;
    shown = null;
  }
}

/* In a frame as high as its content the line of chips may be out of sight: there the note stands at the
   upper edge of the pressed panel. */
function placeAt(note, panelId) {
  const panel = document.getElementById(panelId);
  const top = (element) => element.getBoundingClientRect().top;
  const shift = panel ? top(panel) - top(note.closest(".chip-line")) : 0;
  note.style.setProperty("--pressed-top", `${Math.round(shift)}px`);
}

document.addEventListener("keydown", (event) => {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
  if (!isUndo || shown === null || event.target.matches("input, textarea, select")) return;
  event.preventDefault();
  setProps(ids.ACTION, { data: { kind: "undo", at: performance.now() } });
});

module.exports = { pressed, showPressed };
