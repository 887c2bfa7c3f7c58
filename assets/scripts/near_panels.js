/* Tells which panels are seen, and which are so far from the screen that they are not asked for.

   Given: the cards of all panels; the slugs of those that are asked for only near the screen, by
   `constants.near`.
   Gives: `isSeen(slug)`; `isFar(slug)`; `watchPanels(act)`, which calls `act(slugs)` with the panels that
   have just come near the screen or into it; `bringNear()`, after which no panel counts as far, for
   printing.
   Example: "breakdown", two screens below, is far until 300 pixels are left to scroll. */
const { near: askedNear, panels } = require("./constants");
const ids = require("./ids");
const { whenDrawn } = require("./page_drawn");

const MARGIN_PX = 300; // so far below the screen a panel is asked for

const seen = new Set();
const near = new Set();
let isAllNear = false;

const isSeen = (slug) => seen.has(slug);
const isFar = (slug) => askedNear.includes(slug) && !near.has(slug) && !isAllNear;

function follow(cards, slugs, rootMargin, act) {
  const slugOf = new Map();
  const observer = new IntersectionObserver(
    (entries) => {
      const come = [];
      for (const { target, isIntersecting } of entries) {
        const slug = slugOf.get(target);
        if (!isIntersecting) slugs.delete(slug);
        else if (!slugs.has(slug)) come.push(slug);
        if (isIntersecting) slugs.add(slug);
      }
      if (come.length) act(come);
    },
    { rootMargin },
  );
  for (const [slug, card] of cards) {
    slugOf.set(card, slug);
    observer.observe(card);
  }
}

function watchPanels(act) {
  whenDrawn(() => {
    const cards = panels
      .map((slug) => [slug, document.getElementById(ids.panel(slug))])
      .filter(([, card]) => card);
    // The first answer may be painted with the page itself, before an observer tells what is seen.
    for (const [slug, card] of cards) {
      const { top, bottom, height } = card.getBoundingClientRect();
      if (height && top < window.innerHeight && bottom > 0) seen.add(slug);
    }
    follow(cards, seen, "0px", act);
    follow(cards, near, `${MARGIN_PX}px 0px`, act);
  });
}

function bringNear() {
  isAllNear = true;
}

module.exports = { bringNear, isFar, isSeen, watchPanels };
