/* The component of components/html_tree.py: a tree of elements, drawn as it is written. */
(function () {
  "use strict";

  const { visible } = window.consumo;

  function drawn(part) {
    if (typeof part === "string") return visible(part);
    return window.React.createElement(part.tag, read(part.attributes), ...part.children.map(drawn));
  }

  /* Attributes, of which these are read by people. */
  function read(attributes) {
    const known = ["title", "aria-label"].filter((name) => attributes[name]);
    return { ...attributes, ...Object.fromEntries(known.map((name) => [name, visible(attributes[name])])) };
  }

  function Still({ id, tag, attributes, content }) {
    return window.React.createElement(tag, { ...attributes, id }, ...content.map(drawn));
  }

  window.consumo_parts = { Still };
})();
