"""HTML as data, for parts of the page that no callback has to know one by one.

Each component of Dash listens to every change of the page's state, so that a page with a component
for each word is slow. What is only read, or acts by ``data-action`` alone, is therefore made of
``Element``, and one component, ``StaticHtml``, draws a whole tree of them
(assets/scripts/html_tree.js).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from dash.development.base_component import Component


class Element(dict[str, Any]):
    """One HTML element as JSON; its attributes have the names that React gives them."""

    @property
    def children(self) -> "Children":
        children: Children = self["children"]
        return children

    @property
    def className(self) -> str:  # noqa: N802 - components of Dash call it so
        return str(self["attributes"].get("className", ""))


Children = Sequence[Element | str]


def _element(tag: str) -> Callable[..., Element]:
    def element(children: Element | str | Children = (), **attributes: Any) -> Element:
        several = [children] if isinstance(children, str | Element) else list(children)
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


class StaticHtml(Component):  # type: ignore[misc] # Dash has no types
    """One component that draws ``content``, a list of elements, inside an element of its own."""

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
        given = {"content": list(content), "tag": tag, "attributes": attributes}
        super().__init__(**given, **({"id": id} if id else {}))
