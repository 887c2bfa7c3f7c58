"""The list "Use of HSM templates": sends of each template, and its rates.

The rates are delivery, reading, answer and failure; all are shares from 0 to 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from components import ids
from components.formats import known, shortened_inside
from components.html_tree import Button, Div, Element, I, Span, Strong, Td, Th, Tr
from components.labels import value_label
from components.locale import Locale
from components.panels.view import (
    Order,
    Panel,
    PanelView,
    fact,
    facts,
    legend,
    list_table,
    row_button,
)
from components.texts import gettext_noop, pgettext_noop
from components.theme import colour
from components.widgets import tip
from queries.panels import templates
from queries.reader import Answer

#: The number of templates with a row of their own at first; the others share one row.
TEMPLATES_SHOWN: Final = 15
#: Most characters of a template's name; of a longer one the middle is left out.
_NAME_LIMIT: Final = 48
#: Most names in the row of the others.
_NAMED: Final = 3
SENDS_TITLE: Final = pgettext_noop("template", "Sends")
RATE_TITLES: Final = (
    pgettext_noop("template", "Delivery"),
    pgettext_noop("template", "Read"),
    pgettext_noop("template", "Replied"),
    pgettext_noop("template", "Failed"),
)
_TITLES: Final = (SENDS_TITLE, *RATE_TITLES)
#: A failure rate is unusual when it is at least this, and at least twice that of all templates.
_UNUSUAL_SHARE: Final = 0.05
#: With fewer sends no failure rate is unusual.
_FEW_SENDS: Final = 20


@dataclass(frozen=True, slots=True)
class Use:
    """How many HSM of one template, or of several together, were sent, delivered, read and so on.

    ``sent`` counts all that were sent out, also the failed ones; ``delivered`` contains ``read``;
    ``answered`` are those that the customer answered within 24 h, ``answerable`` those that can
    still become answered. ``name`` is None for HSM whose
    template has no name and for several templates together; "" for all together. Rates are shares
    from 0 to 1, or None where the number to divide by is 0.
    """

    name: str | None
    sent: int
    delivered: int
    read: int
    failed: int
    answered: int
    answerable: int = 0

    @property
    def delivery_rate(self) -> float | None:
        """The share of sent HSM that were delivered, from 0 to 1; None where none was sent."""
        return _rate(self.delivered, self.sent)

    @property
    def read_rate(self) -> float | None:
        """The share of delivered HSM that were read, from 0 to 1; None where none was delivered."""
        return _rate(self.read, self.delivered)

    @property
    def answer_rate(self) -> float | None:
        """The answered HSM ÷ the delivered ones; None where none was delivered."""
        return _rate(self.answered, self.delivered)

    @property
    def failure_rate(self) -> float | None:
        """The share of sent HSM that failed, from 0 to 1; None where none was sent."""
        return _rate(self.failed, self.sent)

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """Pairs of status and number of HSM, from left to right in the bar.

        Each HSM counts once, in its last status: read, delivered, sent or failed.
        """
        return (
            ("read", self.read),
            ("delivered", self.delivered - self.read),
            ("sent", self.sent - self.delivered - self.failed),
            ("failed", self.failed),
        )


#: The columns of numbers in the list, in order.
_NUMBERS: Final = ("sent", "delivered", "read", "answered", "failed")
#: By what the list can be sorted, by column; of all but names and sends it is the rate.
ORDERS: Final[Mapping[str, Callable[[Use], Any]]] = {
    "template_name": lambda use: None if use.name is None else use.name.casefold(),
    "sent": lambda use: use.sent,
    "delivered": lambda use: use.delivery_rate,
    "read": lambda use: use.read_rate,
    "answered": lambda use: use.answer_rate,
    "failed": lambda use: use.failure_rate,
}
_USUAL_ORDER: Final = "-sent"
#: The columns of the answer that make a ``Use``, in the order of its fields.
_COUNTED: Final = (
    "template_name",
    "sent",
    "delivered",
    "read",
    "failed",
    "answered",
    "answerable",
)


def uses(frame: pd.DataFrame) -> list[Use]:
    """Return a ``Use`` for each row of ``frame``, the data of the panel's answer, in its order.

    The most sent template is the first; ``shape`` in ``queries.panels.templates`` sorts them.
    """
    return [
        Use(
            str(name) if known(name) else None,
            *(int(row) for row in numbers),
        )
        for name, *numbers in zip(
            *(frame[name].tolist() for name in _COUNTED),
            strict=True,
        )
    ]


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the list of templates, each with a bar of its sends by last status, and its rates.

    It is sorted as ``answer.table`` asks for, without an order the most sent first. The first
    ``answer.table.page_size`` templates are listed; all others share one more row, which lists them
    when it is pressed. A press on a template's row narrows the page to it.
    """
    used = uses(answer.frame)
    total = _together("", used)
    sorted_by = answer.table.sort or _USUAL_ORDER
    every = in_order(used, sorted_by)
    shown = every[: answer.table.page_size]
    longest = max([use.sent for use in every] + [1])
    table = _Table(total, longest, Order(PANEL.slug, sorted_by), locale)
    rows = [table.row(place, use) for place, use in enumerate(shown)]
    if rest := every[len(shown) :]:
        rows.append(table.rest(rest, len(every)))
    fold = [_fold(locale)] if not rest and len(every) > TEMPLATES_SHOWN else []
    return PanelView(
        words=_words(total, locale),
        caption=table.caption(shown),
        cards=[list_table(locale.texts.gettext(PANEL.title), *table.heads(), rows), *fold],
    )


def in_order(every: list[Use], sorted_by: str) -> list[Use]:
    """Return the templates by the column ``sorted_by``, with ``-`` before it in descending order.

    ``sorted_by`` is one of ``ORDERS``. Where nothing is to be divided by, the template comes last;
    so does the one without a name, by name. Equal ones stay in the order they have.
    """
    value = ORDERS[sorted_by.removeprefix("-")]
    known_first = [use for use in every if value(use) is not None]
    known_first.sort(key=value, reverse=sorted_by.startswith("-"))
    return known_first + [use for use in every if value(use) is None]


def is_unusual(use: Use, total: Use) -> bool:
    """Return whether a template fails so often that it is marked for people to look at it.

    ``use`` are its counts, ``total`` those of all templates together. True where it was sent 20
    times or more and its failure rate is both 5% or more and at least twice that of ``total``.
    """
    rate, usual = use.failure_rate, total.failure_rate
    if rate is None or usual is None or use.sent < _FEW_SENDS:
        return False
    return rate >= max(_UNUSUAL_SHARE, 2 * usual)


def _rate(part: int, of: int) -> float | None:
    return part / of if of else None


def _together(name: str | None, every: list[Use]) -> Use:
    return Use(
        name,
        sum(use.sent for use in every),
        sum(use.delivered for use in every),
        sum(use.read for use in every),
        sum(use.failed for use in every),
        sum(use.answered for use in every),
        sum(use.answerable for use in every),
    )


def _name(use: Use, locale: Locale) -> str:
    return locale.texts.gettext("(no name)") if use.name is None else use.name


def _words(total: Use, locale: Locale) -> list[Element]:
    return [
        facts(
            [
                fact(
                    locale.formats.count(total.sent),
                    locale.texts.ngettext("HSM send", "HSM sends", total.sent),
                )
            ]
        ),
        legend(
            [
                (colour("status-read"), value_label("status", "read", locale)),
                (colour("status-delivered"), value_label("status", "delivered", locale)),
                (colour("status-sent"), value_label("status", "sent", locale)),
                (colour("failed"), value_label("status", "failed", locale)),
            ]
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of the list: ``total`` are all templates together, ``longest`` the most sends."""

    total: Use
    longest: int
    order: Order
    locale: Locale

    def heads(self) -> tuple[list[Element], list[Element]]:
        """Return the headings: that of names, and those of numbers. A press sorts by its column."""
        name = self.order.head(
            "template_name", self.locale.texts.gettext("Template"), is_number=False
        )
        titles = zip(_NUMBERS, self._titles(), strict=True)
        return [name], [self.order.head(column, title) for column, title in titles]

    def row(self, place: int, use: Use) -> Element:
        """Return the row of one template; ``place`` is its number on the page."""
        name = _name(use, self.locale)
        label: Element | str = name
        if use.name:
            short = shortened_inside(name, _NAME_LIMIT)
            label = row_button([short], ("template", use.name), title=self._statuses(use))
        parts: list[Element | str] = [label]
        if use.name and len(name) > _NAME_LIMIT:
            whole = self.locale.texts.gettext("whole name")
            parts.append(tip(f"template-{place}", whole, name, self.locale, "above-row"))
        if use.name:
            parts.append(_trend_button(use.name, name, self.locale))
        unusual = is_unusual(use, self.total)
        notes = [Div(self._unusual_words(use), className="unusual")] if unusual else []
        return self._row(parts, use, notes, unusual=unusual)

    def rest(self, rest: list[Use], every: int) -> Element:
        """Return the row of the templates that are not listed; a press lists all ``every``."""
        together = _together(None, rest)
        count = self.locale.formats.count(len(rest))
        button = row_button(
            [self.locale.texts.gettext("Others ({count})", count=count)],
            (),
            **{
                "data-action": "more",
                "data-name": ids.more(PANEL.slug),
                "data-value": str(every),
                "aria-expanded": "false",
            },
        )
        # A mark on a sum of many would not say which of them it is about.
        unusual = [_name(use, self.locale) for use in rest if is_unusual(use, self.total)]
        return self._row([button], together, self._unusual_names(unusual), unusual=False)

    def caption(self, shown: list[Use]) -> str:
        """Return the rows as a sentence, for screen readers."""
        return "; ".join(
            f"{_name(use, self.locale)}: "
            + ", ".join(
                f"{title} {text}"
                for title, text in zip(self._titles(), self._numbers(use), strict=True)
            )
            for use in shown
        )

    def _titles(self) -> list[str]:
        return [self.locale.texts.pgettext(*title) for title in _TITLES]

    def _numbers(self, use: Use) -> list[str]:
        share, count = self.locale.formats.share, self.locale.formats.count
        return [
            count(use.sent),
            share(use.delivery_rate, 0),
            share(use.read_rate, 0),
            f"{count(use.answered)} · {share(use.answer_rate, 0)}",
            share(use.failure_rate, 0),
        ]

    def _row(
        self, name: list[Element | str], use: Use, notes: list[Element], *, unusual: bool
    ) -> Element:
        sends, delivery, read, answers, failure = self._numbers(use)
        cells: list[list[Element | str]] = [
            [Strong(sends)],
            [delivery],
            [read],
            [answers],
            [failure],
        ]
        if use.answerable:
            later = self.locale.texts.gettext(
                "still within 24 h: {count}", count=self.locale.formats.count(use.answerable)
            )
            cells[3].append(Div(later, className="quiet"))
        if unusual:  # a sign as well as the colour, for those who cannot tell it
            cells[4] = [Span(f"▲\u2009{failure}", className="unusual")]
        head = Th([Div(name, className="template-name"), self._bar(use), *notes], scope="row")
        titles = self._titles()
        numbers = [
            Td(cell, className="number", **{"data-label": title})
            for cell, title in zip(cells, titles, strict=True)
        ]
        return Tr([head, *numbers])

    def _bar(self, use: Use) -> Element:
        """Return the bar of a row: its length are the sends, its colours their last statuses."""
        colours = {"failed": "failed"}
        parts = [
            I(
                style={
                    "width": f"{count / self.longest:.2%}",
                    "backgroundColor": colour(colours.get(status, f"status-{status}")),
                },
                className=status,
            )
            for status, count in use.parts
            if count
        ]
        return Span(parts, className="bar stacked-bar", **{"aria-hidden": "true"})

    def _statuses(self, use: Use) -> str:
        """Return how many sends have which last status: the parts of the bar, in its order."""
        return " · ".join(
            f"{value_label('status', status, self.locale)}: {self.locale.formats.count(count)}"
            for status, count in use.parts
            if count
        )

    def _unusual_words(self, use: Use) -> str:
        return self.locale.texts.ngettext(
            "▲ {count} failed: at least twice the share of all together ({share})",
            "▲ {count} failed: at least twice the share of all together ({share})",
            use.failed,
            count=self.locale.formats.count(use.failed),
            share=self.locale.formats.share(self.total.failure_rate, 1),
        )

    def _unusual_names(self, names: list[str]) -> list[Element]:
        """Return a line that names the templates that fail unusually often; none without any."""
        if not names:
            return []
        first = [shortened_inside(name, _NAME_LIMIT) for name in names[:_NAMED]]
        more = self.locale.formats.count(len(names) - _NAMED)
        told = ", ".join(first) + (f" +{more}" if len(names) > _NAMED else "")
        text = self.locale.texts.gettext("▲ unusually many failures: {names}", names=told)
        return [Div(text, className="unusual")]


def _trend_button(name: str, label: str, locale: Locale) -> Element:
    """Return the button that opens the drawer with the trend of the template ``name``."""
    text = locale.texts.gettext("Trend of {template}", template=label)
    return Button(
        "∿",
        type="button",
        className="trend-button above-row",
        title=text,
        **{
            "aria-label": text,
            "aria-haspopup": "dialog",
            "data-action": "trend",
            "data-value": name,
        },
    )


def _fold(locale: Locale) -> Element:
    """Return the button that lists only the first templates again."""
    text = locale.texts.gettext(
        "Only the first {count}", count=locale.formats.count(TEMPLATES_SHOWN)
    )
    attributes = {
        "data-action": "more",
        "data-name": ids.more(PANEL.slug),
        "data-value": str(TEMPLATES_SHOWN),
    }
    return Button(text, type="button", className="fold-row", **attributes)


PANEL: Final = Panel(
    query=templates.PANEL,
    title=gettext_noop("Use of HSM templates"),
    definition=gettext_noop(
        "HSM sends of the period by template, the most sent first. Delivery: delivered ÷ sent. "
        "Read: read ÷ delivered. Replied: answered by the customer within 24 h ÷ delivered; sends "
        "still within 24 h may yet be answered. Failed: failed ÷ sent; ▲ marks one at least twice "
        "that of all templates. Follows the reference date. Press a row to see only that template, "
        "∿ for its trend."
    ),
    view=view,
    place=65,
    is_empty=lambda answer: answer.frame.empty,
    kind="list",
    height=380,
    narrow_height=520,
    page_size=TEMPLATES_SHOWN,
    orders=tuple(ORDERS),
    unfolds=True,
)
