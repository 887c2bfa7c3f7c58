"""The graph "Use of HSM templates": sends of each template, and its rates.

The rates are delivery, reading, answer and failure; all are shares from 0 to 1.
"""

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from components.formats import escape, known, shortened, shortened_inside
from components.html_tree import Element
from components.labels import value_label
from components.locale import Locale
from components.panels import figures
from components.panels.view import (
    Figure,
    Line,
    Numbers,
    Panel,
    PanelView,
    fact,
    facts,
    legend,
)
from components.texts import gettext_noop, pgettext_noop
from components.theme import colour
from queries.panels import templates
from queries.reader import Answer

#: The number of templates with a bar of their own; the others share one bar.
TEMPLATES_DRAWN: Final = 15
_TITLES: Final = (
    pgettext_noop("template", "Sends"),
    pgettext_noop("template", "Delivery"),
    pgettext_noop("template", "Read"),
    pgettext_noop("template", "Replied"),
    pgettext_noop("template", "Failed"),
)
#: A failure rate is unusual when it is at least this, and at least twice that of all templates.
_UNUSUAL_SHARE: Final = 0.05
#: With fewer sends no failure rate is unusual.
_FEW_SENDS: Final = 20


@dataclass(frozen=True, slots=True)
class Space:
    """The measures of the graph on one width of screen.

    ``name_limit`` is the most characters of a template's name. ``columns`` are the right edges of
    the five columns of numbers (sends and four rates) beside the bars, in pixels from the right
    edge of the drawing; empty where the numbers are written above each bar instead. ``size`` is
    that of the font, in pixels.
    """

    name_limit: int
    columns: tuple[int, ...]
    size: int = figures.SMALL

    def right(self, rows: list["Row"]) -> int:
        """Return how many pixels the columns of numbers of ``rows`` need at the right of the bars.

        Raises ``IndexError`` where ``columns`` is empty.
        """
        longest = max((len(row.sends) for row in rows), default=0)
        return self.columns[0] + round(max(4, 0.75 * longest) * self.size)


#: By the names of ``PanelView``.
WIDE: Final = Space(22, (218, 168, 118, 52, 0))
MEDIUM: Final = Space(13, (206, 160, 114, 52, 0), size=11)
NARROW: Final = Space(32, (), size=10)


@dataclass(frozen=True, slots=True)
class Use:
    """How many HSM of one template, or of several together, were sent, delivered, read and so on.

    ``sent`` counts all that were sent out, also the failed ones; ``delivered`` contains ``read``;
    ``answered`` are those that the customer answered within 24 h. ``name`` is None for HSM whose
    template has no name and for several templates together; "" for all together. Rates are shares
    from 0 to 1, or None where the number to divide by is 0.
    """

    name: str | None
    sent: int
    delivered: int
    read: int
    failed: int
    answered: int

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
            frame["template_name"],
            frame["sent"],
            frame["delivered"],
            frame["read"],
            frame["failed"],
            frame["answered"],
            strict=True,
        )
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One bar of the graph: the counts ``use``, and the formatted texts that belong to it.

    ``sends`` is the number of HSM sent; ``rates`` are delivery, reading, answer and failure;
    ``hover`` is shown under the pointer. ``unusual`` is the result of ``is_unusual``.
    """

    name: str
    use: Use
    sends: str
    rates: list[str]
    hover: str
    unusual: bool


def view(answer: Answer, locale: Locale) -> PanelView:
    """Return the graph of templates: a bar for each of the most sent ones, with its rates.

    These are ``TEMPLATES_DRAWN`` at most; all other templates share one more bar. The numbers,
    which can be shown as a table instead of the graph, begin with those of all templates together.
    """
    every = uses(answer.frame)
    total = _together("", every)
    rows = [_row(_name(use, locale), use, total, locale) for use in every[:TEMPLATES_DRAWN]]
    if rest := every[TEMPLATES_DRAWN:]:
        others = locale.texts.gettext("Others ({count})", count=locale.formats.count(len(rest)))
        rows.append(_row(others, _together(None, rest), total, locale))
    together = _row(locale.texts.gettext("All templates"), total, total, locale)
    return PanelView(
        words=_words(total, locale),
        caption=_caption([together, *rows], locale),
        numbers=_numbers([together, *rows], locale),
        wide=_figure(rows, locale, WIDE),
        medium=_figure(rows, locale, MEDIUM),
        narrow=_figure(rows, locale, NARROW),
    )


def _row(name: str, use: Use, total: Use, locale: Locale) -> Row:
    unusual = is_unusual(use, total)
    *rates, failure = _rates(use, locale)
    return Row(
        name,
        use,
        locale.formats.count(use.sent),
        # A sign as well as the colour, for those who cannot tell it.
        [*rates, f"▲\u2009{failure}" if unusual else failure],
        _hover(name, use, locale),
        unusual,
    )


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


def _rates(use: Use, locale: Locale) -> list[str]:
    return [
        locale.formats.share(rate, 0)
        for rate in (use.delivery_rate, use.read_rate, use.answer_rate, use.failure_rate)
    ]


def _press(use: Use) -> list[str]:
    return ["template", use.name] if use.name else []


def _numbers(rows: list[Row], locale: Locale) -> Numbers:
    titles = (locale.texts.pgettext(*title) for title in _TITLES)
    lines = [Line((row.name, row.sends, *row.rates), _press(row.use)) for row in rows]
    return Numbers((locale.texts.gettext("Template"), *titles), lines)


def _caption(rows: list[Row], locale: Locale) -> str:
    sends, *rates = (locale.texts.pgettext(*title).lower() for title in _TITLES)
    return "; ".join(
        f"{row.name}: {row.sends} {sends}, "
        + ", ".join(f"{title} {rate}" for title, rate in zip(rates, row.rates, strict=True))
        for row in rows
    )


def _figure(rows: list[Row], locale: Locale, space: Space) -> Figure:
    narrow = not space.columns
    names = [f"{shortened_inside(row.name, space.name_limit)}  " for row in rows]
    longest = max([row.use.sent for row in rows] + [1])
    capacity = TEMPLATES_DRAWN + 1 if narrow else max(len(rows), 8)
    top = -0.9 if narrow else -0.5
    bottom = capacity - 0.5
    margin = (
        {"l": 2, "r": 2, "t": 2, "b": 2}
        if narrow
        else {"l": figures.room_for(names, space.size), "r": space.right(rows), "t": 22, "b": 2}
    )
    height = PANEL.narrow_height if narrow else PANEL.height
    step = (height - margin["t"] - margin["b"]) / (bottom - top)
    positions = list(range(len(rows)))
    hover = [row.hover for row in rows]
    counts = [dict(row.use.parts) for row in rows]
    return {
        "data": [
            figures.bars(
                colour("failed" if part == "failed" else f"status-{part}"),
                hover,
                x=[count[part] for count in counts],
                y=positions,
                orientation="h",
                customdata=[_press(row.use) for row in rows],
            )
            for part in ("read", "delivered", "sent", "failed")
        ],
        "layout": figures.layout(
            barmode="stack",
            barcornerradius=0,
            bargap=0.82 if narrow else 0.3,
            margin=margin,
            xaxis={"visible": False, "range": [0, longest], "fixedrange": True},
            yaxis={
                "visible": not narrow,
                "tickvals": positions,
                "ticktext": [escape(name) for name in names],
                "tickfont": {"size": space.size},
                "range": [bottom, top],
                "fixedrange": True,
                "showgrid": False,
                "zeroline": False,
            },
            annotations=(
                _lines_above(rows, locale, step) if narrow else _columns(rows, locale, space, step)
            ),
        ),
    }


def _hover(name: str, use: Use, locale: Locale) -> str:
    parts = [
        f"{value_label('status', part, locale)}: {locale.formats.count(count)}"
        f" · {locale.formats.share(_rate(count, use.sent), 0)}"
        for part, count in use.parts
    ]
    return "<br>".join([f"<b>{escape(shortened(name, 60))}</b>", *parts])


def _columns(rows: list[Row], locale: Locale, space: Space, step: float) -> list[Figure]:
    """Return the sends and rates beside the bars, in columns of fixed width, with headings."""
    right = space.right(rows)
    heads = [
        figures.text(
            locale.texts.pgettext(*title),
            1,
            1,
            anchor="right",
            xref="paper",
            yref="paper",
            xshift=right - edge,
            yshift=11,
            font={"color": colour("quiet"), "size": space.size - 1},
        )
        for title, edge in zip(_TITLES, space.columns, strict=True)
    ]
    cells = [(f"<b>{row.sends}</b>", *_failure_marked(row, row.rates)) for row in rows]
    columns = [
        figures.rows_text(
            column,
            1,
            step,
            size=space.size,
            anchor="right",
            xref="paper",
            xshift=right - edge,
        )
        for column, edge in zip(zip(*cells, strict=True), space.columns, strict=True)
    ]
    return heads + columns


def _failure_marked(row: Row, rates: list[str]) -> list[str]:
    """Return ``rates``, with the last, failure, in the colour of failures where it is unusual."""
    *before, failure = rates
    return [*before, figures.in_colour(failure, "failed") if row.unusual else failure]


def _lines_above(rows: list[Row], locale: Locale, step: float) -> list[Figure]:
    """Return two lines above each bar, for narrow screens: name and sends, then the rates."""
    titles = [locale.texts.pgettext(*title) for title in _TITLES[1:]]
    names = [escape(shortened_inside(row.name, NARROW.name_limit)) for row in rows]
    sends = [f"<b>{row.sends}</b>" for row in rows]
    rates = []
    for row in rows:
        line = [f"{title} {rate}" for title, rate in zip(titles, row.rates, strict=True)]
        rates.append(" · ".join(_failure_marked(row, line)))
    above: dict[str, Any] = {"xref": "paper", "yshift": 27}
    return [
        figures.rows_text(names, 0, step, **above),
        figures.rows_text(sends, 1, step, anchor="right", **above),
        figures.rows_text(rates, 0, step, size=NARROW.size, fill="quiet", xref="paper", yshift=12),
    ]


PANEL = Panel(
    query=templates.PANEL,
    title=gettext_noop("Use of HSM templates"),
    definition=gettext_noop(
        "HSM sends of the period by template, the most sent first. Delivery: delivered ÷ sent. "
        "Reading: read ÷ delivered. Answer: answered by the customer within 24 h ÷ delivered. "
        "Failure: failed ÷ sent; ▲ marks one at least twice that of all templates. By message date "
        "of the sends, or by the opening of their cases. Press a bar to see only that template."
    ),
    view=view,
    place=80,
    is_empty=lambda answer: answer.frame.empty,
    height=320,
    narrow_height=760,
)
