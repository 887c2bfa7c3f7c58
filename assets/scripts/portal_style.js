/* The accent colour and the font that a portal gives to the page.

   Given: a colour as "#rrggbb", a font's name; the grounds of components/theme.py on which it stands.
   Gives: `accentStyles(colour)`, the rules of both themes, [] for anything that is no such colour;
   `isFontName(text)`; to the tests `readable(colour, ground)`.
   Example: readable(yellow, white) is a darker yellow, which can be read on white. */
const { grounds } = require("./constants");

const COLOUR = /^#[0-9a-f]{6}$/i;
const FONT = /^[\p{L}\p{N} -]{1,60}$/u;
const LEAST_CONTRAST = 4.5; // of texts against their ground, WCAG 2.2, 1.4.3
const STEPS = 20;
const BLACK = [0, 0, 0];
const WHITE = [255, 255, 255];

const parts = (colour) =>
  [1, 3, 5].map((place) => Number.parseInt(colour.slice(place, place + 2), 16));

/* Relative luminance, as WCAG 2.2 defines it. */
function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one, other) {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const mixed = (colour, end, share) =>
  colour.map((part, place) => Math.round(part + (end[place] - part) * share));

const written = (colour) => `#${colour.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

/* Returns the colour, or where it could not be read on the ground the nearest that can, mixed with black
   on a light ground and with white on a dark one. */
function readable(colour, ground) {
  const end = luminance(parts(ground)) > 0.5 ? BLACK : WHITE;
  for (let step = 0; step < STEPS; step += 1) {
    const candidate = mixed(parts(colour), end, step / STEPS);
    if (contrast(candidate, parts(ground)) >= LEAST_CONTRAST) return written(candidate);
  }
  return written(end);
}

function accentStyles(colour) {
  if (typeof colour !== "string" || !COLOUR.test(colour)) return [];
  return [
    `:root { --leading: ${readable(colour, grounds.light)}; }`,
    `[data-bs-theme="dark"] { --leading: ${readable(colour, grounds.dark)}; }`,
  ];
}

module.exports = {
  accentStyles,
  isFontName: (text) => typeof text === "string" && FONT.test(text),
  readable,
};
