/* HTML as data, and the Dash component StaticHtml that draws it; see components/html_tree.py.

   Given: trees of { tag, attributes, children }; a child is such a tree or a text. A tree with `painted`
   has an id, and scripts can replace its children.
   Gives: `element(tag, attributes, ...children)`, such a tree; `staticHtml(tag, attributes, content)`,
   a Dash component that draws a list of trees; `paintHtml(id, content)`, which replaces the children of a
   painted element, also before it is on the page; to Dash itself the component, as window.consumo_parts.
   Example: element("b", { title: "two" }, "2") is drawn as <b title="two">2</b>. */
const { visible } = require("./text");

const NAMESPACE = "consumo_parts";
const COMPONENT = "StaticHtml";

const element = (tag, attributes, ...children) => ({ tag, attributes, children });

const staticHtml = (tag, attributes, content) => ({
  namespace: NAMESPACE,
  type: COMPONENT,
  props: { tag, attributes, content },
});

function draw(node) {
  if (typeof node === "string") return visible(node);
  if (node.painted) return window.React.createElement(Painted, node);
  const { tag, attributes, children } = node;
  return window.React.createElement(tag, readable(attributes), ...children.map(draw));
}

/* Returns the attributes, with those that people read made `visible`; see text.js. */
function readable(attributes) {
  const known = ["title", "aria-label"].filter((name) => attributes[name]);
  const texts = known.map((name) => [name, visible(attributes[name])]);
  return { ...attributes, ...Object.fromEntries(texts) };
}

function StaticHtml({ id, tag, attributes, content }) {
  return window.React.createElement(tag, { ...attributes, id }, ...content.map(draw));
}

const painted = new Map(); // by id: what was painted last
const shows = new Map(); // by id: the function that lets React draw it, while the element is there

/* The element keeps what it shows by itself, so that Dash does nothing when it is painted. */
function Painted({ tag, attributes, children }) {
  const { id } = attributes;
  const [content, show] = window.React.useState(() => painted.get(id) || children);
  window.React.useLayoutEffect(() => {
    shows.set(id, show);
    if (painted.has(id)) show(painted.get(id));
    return () => shows.delete(id);
  }, [id]);
  return window.React.createElement(tag, readable(attributes), ...content.map(draw));
}

function paintHtml(id, content) {
  painted.set(id, content);
  shows.get(id)?.(content);
}

window[NAMESPACE] = { [COMPONENT]: StaticHtml };

module.exports = { element, paintHtml, staticHtml };
