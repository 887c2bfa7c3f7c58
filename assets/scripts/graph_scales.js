/* Tells where a figure's values are drawn, from its margins and ranges alone, as plotly places them.

   Given: the layout of a figure, with both axes' ranges, and the graph's size in pixels.
   Gives: `scalesOf(layout, size)`, with the plot area's `left`, `top`, `width` and `height` in pixels from
   the graph's upper left corner, and `x(value)` and `y(value)`, pixels from the same corner.
   Example: with a left margin of 40 and an x range that begins at 0, x(0) is 40. */

/* Plotly rounds places along an axis to hundredths of a pixel. */
const rounded = (pixels) => Math.round(100 * pixels) / 100;

function scalesOf({ margin, xaxis, yaxis }, size) {
  const { l: left, t: top } = margin;
  const width = size.width - left - margin.r;
  const height = size.height - top - margin.b;
  const [first, last] = xaxis.range;
  const [lowest, highest] = yaxis.range;
  return {
    left,
    top,
    width,
    height,
    x: (value) => left + rounded((width * (value - first)) / (last - first)),
    y: (value) => top + rounded((height * (value - highest)) / (lowest - highest)),
  };
}

module.exports = { scalesOf };
