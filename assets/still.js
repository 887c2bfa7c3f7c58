/* The component of components/plain.py: a tree of elements, drawn as it is written. */
(function () {
  "use strict";

  function drawn(part) {
    if (typeof part === "string") return part;
    return window.React.createElement(part.tag, part.attributes, ...part.children.map(drawn));
  }

  function Still({ id, tag, attributes, content }) {
    return window.React.createElement(tag, { ...attributes, id }, ...content.map(drawn));
  }

  window.consumo_parts = { Still };
})();
