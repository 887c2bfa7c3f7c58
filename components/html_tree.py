"""HTML as data: elements that no callback changes one by one, drawn by a single Dash component.

Each Dash component listens to every change of the page's state, so a page with a component for each
word is slow. Texts, and buttons that act by ``data-action`` alone, are therefore an ``Element``
each, and one ``StaticHtml`` draws a whole tree of them (assets/scripts/html_tree.js). Example:
``StaticHtml([P(["Read ", Strong("this")], className="note")])``.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from dash.development.base_component import Component


class Element(dict[str, Any]):
    """One HTML element, as a dict that can be sent as JSON.

    It has the keys ``tag`` ("p"), ``attributes`` (a dict by React's names, such as ``className``)
    and ``children`` (a list of elements and texts). Functions such as ``P`` and ``Div`` make it. If
    it also has the key ``painted``, scripts can replace its children (see ``painted``).
    """

    @property
    def children(self) -> "Children":
        """The elements and texts inside this element, in order."""
        children: Children = self["children"]
        return children

    @property
    def className(self) -> str:  # noqa: N802 - components of Dash call it so
        """The CSS class names, separated by spaces; "" where the element has none."""
        return str(self["attributes"].get("className", ""))


#: What is a single child. A tuple: Python would put a union together again for each element.
_SINGLE: Final = (str, Element)
#: Elements and texts, in order.
Children = Sequence[Element | str]


def _element(tag: str) -> Callable[..., Element]:
    """Return a function that makes an element ``tag`` of children and attributes."""

    def element(children: Element | str | Children = (), **attributes: Any) -> Element:
        several = [children] if isinstance(children, _SINGLE) else list(children)
        return Element(tag=tag, attributes=attributes, children=several)

    return element


A: Final = _element("a")
Button: Final = _element("button")
Code: Final = _element("code")
Dd: Final = _element("dd")
Details: Final = _element("details")
Div: Final = _element("div")
Dl: Final = _element("dl")
Dt: Final = _element("dt")
Figcaption: Final = _element("figcaption")
HtmlFigure: Final = _element("figure")
H1: Final = _element("h1")
H2: Final = _element("h2")
H3: Final = _element("h3")
I: Final = _element("i")  # noqa: E741 - the name of the element
Input: Final = _element("input")
Label: Final = _element("label")
Li: Final = _element("li")
Ol: Final = _element("ol")
Option: Final = _element("option")
P: Final = _element("p")
Pre: Final = _element("pre")
Select: Final = _element("select")
Span: Final = _element("span")
Strong: Final = _element("strong")
Summary: Final = _element("summary")
Table: Final = _element("table")
Tbody: Final = _element("tbody")
Td: Final = _element("td")
Th: Final = _element("th")
Thead: Final = _element("thead")
Tr: Final = _element("tr")
Ul: Final = _element("ul")


def painted(element: Element) -> Element:
    """Return ``element``, which has an id, so that scripts can replace its children.

    They do it by ``paintHtml`` of assets/scripts/html_tree.js, without a callback of Dash.
    """
    return Element(**element, painted=True)


class StaticHtml(Component):  # type: ignore[misc] # Dash has no types
    """A Dash component that draws an HTML element ``tag`` with ``content`` in it.

    ``content`` is a list of elements and texts. A callback can replace the whole list, as the
    property ``content`` of the component ``id``; without an ``id`` it never changes. ``attributes``
    are those of the element ``tag``, by React's names (``className``).
    """

    _children_props: Final[list[str]] = []
    _base_nodes: Final[list[str]] = []
    _namespace = "consumo_parts"
    _type = "StaticHtml"

    def __init__(
        self,
        content: Children = (),
        id: str | None = None,  # noqa: A002 - Dash's name
        tag: str = "div",
        **attributes: Any,
    ) -> None:
        self._prop_names = ["attributes", "content", "id", "tag"]
        self._valid_wildcard_attributes: list[str] = []
        self.available_properties = self._prop_names
        self.available_wildcard_properties: list[str] = []
        properties = {"content": list(content), "tag": tag, "attributes": attributes}
        super().__init__(**properties, **({"id": id} if id else {}))
