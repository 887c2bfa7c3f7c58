/* Keeps the chips in one line: those that have no room in it are in the menu behind "+3".

   Given: the chips that chips.js made, in the line ids.CHIPS.
   Gives: nothing to other scripts. It measures after each change of the chips, before they are seen, and
   when the line becomes wider or narrower.
   Example: of twelve chips a line of 700 px shows four, and "+8". */
const ids = require("./ids");
const { whenDrawn } = require("./page_drawn");
const { number } = require("./text");

const GAP_PX = 6; // between two chips, as in selection.css

function fit(line) {
  const [row, more] = [line.querySelector(".chip-row"), line.querySelector(".chips-more")];
  if (!row) return;
  const chips = [...row.children];
  for (const chip of chips) chip.hidden = false;
  more.hidden = false;
  const counts = [...more.querySelectorAll(".chip-entry")].map((entry) =>
    Number(entry.dataset.count),
  );
  const all = counts.reduce((sum, count) => sum + count, 0);
  const others = [...line.children].filter((part) => part !== row && part !== more);
  const taken = others.reduce((sum, part) => sum + part.offsetWidth + GAP_PX, 0);
  const room = line.clientWidth - taken;
  const widths = chips.map((chip) => chip.scrollWidth + GAP_PX);
  const whole = widths.reduce((sum, width) => sum + width, 0);
  const isWhole = whole <= room + GAP_PX && all === chips.length;
  const shown = isWhole ? chips.length : fitting(widths, room - more.offsetWidth - GAP_PX);
  chips.forEach((chip, place) => {
    chip.hidden = place >= shown;
  });
  more.hidden = isWhole;
  more.querySelectorAll(".chip-entry").forEach((entry, place) => {
    entry.hidden = place < shown;
  });
  const text = `+${number(all - shown)}`;
  const face = more.querySelector("summary");
  if (face.textContent !== text) face.textContent = text;
}

/* Returns how many of the widths have room; one at least, which is cut. */
function fitting(widths, room) {
  let left = room;
  const place = widths.findIndex((width) => {
    left -= width;
    return left < 0;
  });
  return place < 0 ? widths.length : Math.max(1, place);
}

whenDrawn(() => {
  const line = document.getElementById(ids.CHIPS);
  const looking = new MutationObserver(() => {
    fit(line);
    looking.takeRecords(); // those of its own changes
  });
  const changes = { childList: true, characterData: true, subtree: true };
  looking.observe(line, changes);
  new ResizeObserver(() => {
    fit(line);
    looking.takeRecords();
  }).observe(line);
  fit(line);
});
