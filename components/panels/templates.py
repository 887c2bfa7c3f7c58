"""How much each HSM template is sent, and how well it does."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pandas as pd

from components.formats import escape, known, shortened, shortened_inside
from components.look import Look
from components.panels import drawing
from components.panels.shown import Children, Figure, Panel, Shown, fact, facts, legend
from components.texts import mark, mark_c
from components.theme import colour
from components.words import word
from queries.filters import Filters

MOST: Final = 15
_TITLES: Final = (
    mark_c("template", "Sends"),
    mark_c("template", "Delivery"),
    mark_c("template", "Reading"),
    mark_c("template", "Answer"),
    mark_c("template", "Failure"),
)
#: A failure rate is unusual when it is twice that of all templates and this much or more.
_UNUSUAL_SHARE: Final = 0.05
_FEW_SENDS: Final = 20


@dataclass(frozen=True, slots=True)
class Space:
    """Room for one drawing: ``columns`` are the right edges of sends and rates, in pixels from the
    right edge, or none where they stand above the bar.
    """

    name_limit: int
    columns: tuple[int, ...]
    size: int = drawing.SMALL

    @property
    def right(self) -> int:
        return self.columns[0] + 4 * self.size


WIDE: Final = Space(22, (218, 168, 118, 52, 0))
MEDIUM: Final = Space(14, (178, 134, 88, 36, 0), size=11)
NARROW: Final = Space(32, (), size=10)


@dataclass(frozen=True, slots=True)
class Use:
    """Counts of one template, or of several together; ``delivered`` contains ``read``."""

    name: str | None
    sent: int
    delivered: int
    read: int
    failed: int
    answered: int

    @property
    def delivery_rate(self) -> float | None:
        return _rate(self.delivered, self.sent)

    @property
    def read_rate(self) -> float | None:
        return _rate(self.read, self.delivered)

    @property
    def answer_rate(self) -> float | None:
        return _rate(self.answered, self.delivered)

    @property
    def failure_rate(self) -> float | None:
        return _rate(self.failed, self.sent)

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """The sends, each counted once, the furthest first."""
        return (
            ("read", self.read),
            ("delivered", self.delivered - self.read),
            ("sent", self.sent - self.delivered - self.failed),
            ("failed", self.failed),
        )


def uses(frame: pd.DataFrame) -> list[Use]:
    """Every template of an answer, most sent first."""
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


def view(frame: pd.DataFrame, look: Look, _filters: Filters, _today: date) -> Shown:
    """One bar a template with its rates beside it; the fifteen most sent, the rest together."""
    every = uses(frame)
    whole = _together("", every)
    named = [(_name(use, look), use) for use in every[:MOST]]
    if rest := every[MOST:]:
        others = look.texts.t("Others ({count})", count=look.formats.count(len(rest)))
        named.append((others, _together(None, rest)))
    return Shown(
        words=_words(whole, look),
        caption=_caption(named, whole, look),
        wide=_figure(named, whole, look, WIDE),
        medium=_figure(named, whole, look, MEDIUM),
        narrow=_figure(named, whole, look, NARROW),
    )


def is_unusual(use: Use, whole: Use) -> bool:
    """Whether a template fails so much more than all do that somebody should look at it."""
    rate, usual = use.failure_rate, whole.failure_rate
    if rate is None or usual is None or use.sent < _FEW_SENDS:
        return False
    return rate >= max(_UNUSUAL_SHARE, 2 * usual)


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _together(name: str | None, every: list[Use]) -> Use:
    return Use(
        name,
        sum(use.sent for use in every),
        sum(use.delivered for use in every),
        sum(use.read for use in every),
        sum(use.failed for use in every),
        sum(use.answered for use in every),
    )


def _name(use: Use, look: Look) -> str:
    return look.texts.t("(no name)") if use.name is None else use.name


def _words(whole: Use, look: Look) -> Children:
    return [
        facts(
            [
                fact(
                    look.formats.count(whole.sent),
                    look.texts.tn("HSM send", "HSM sends", whole.sent),
                )
            ]
        ),
        legend(
            [
                (colour("status-read"), word("status", "read", look)),
                (colour("status-delivered"), word("status", "delivered", look)),
                (colour("status-sent"), word("status", "sent", look)),
                (colour("failed"), word("status", "failed", look)),
            ]
        ),
    ]


def _rates(use: Use, look: Look) -> list[str]:
    return [
        look.formats.share(rate, 0)
        for rate in (use.delivery_rate, use.read_rate, use.answer_rate, use.failure_rate)
    ]


def _caption(named: list[tuple[str, Use]], whole: Use, look: Look) -> str:
    titles = [look.texts.tc(*title).lower() for title in _TITLES]
    rows = [
        f"{name}: {look.formats.count(use.sent)} {titles[0]}, "
        + ", ".join(
            f"{title} {rate}" for title, rate in zip(titles[1:], _rates(use, look), strict=True)
        )
        for name, use in [(look.texts.t("All templates"), whole), *named]
    ]
    return "; ".join(rows)


def _figure(named: list[tuple[str, Use]], whole: Use, look: Look, space: Space) -> Figure:
    narrow = not space.columns
    longest = max([use.sent for _, use in named] + [1])
    capacity = MOST + 1 if narrow else max(len(named), 8)
    rows = list(range(len(named)))
    hover = [_hover(name, use, look) for name, use in named]
    press: list[list[str]] = [["template", use.name] if use.name else [] for _, use in named]
    return {
        "data": [
            drawing.bars(
                colour("failed" if part == "failed" else f"status-{part}"),
                hover,
                x=[dict(use.parts)[part] for _, use in named],
                y=rows,
                orientation="h",
                customdata=press,
            )
            for part in ("read", "delivered", "sent", "failed")
        ],
        "layout": drawing.layout(
            barmode="stack",
            barcornerradius=0,
            bargap=0.82 if narrow else 0.3,
            margin=(
                {"l": 2, "r": 2, "t": 2, "b": 2}
                if narrow
                else {"l": 8, "r": space.right, "t": 22, "b": 2}
            ),
            xaxis={"visible": False, "range": [0, longest], "fixedrange": True},
            yaxis={
                "visible": not narrow,
                "tickvals": rows,
                "ticktext": [
                    f"{escape(shortened_inside(name, space.name_limit))}  " for name, _ in named
                ],
                "tickfont": {"size": space.size},
                "range": [capacity - 0.5, -0.9 if narrow else -0.5],
                "fixedrange": True,
                "automargin": True,
                "showgrid": False,
                "zeroline": False,
            },
            annotations=(
                _lines_above(named, whole, look) if narrow else _columns(named, whole, look, space)
            ),
        ),
    }


def _hover(name: str, use: Use, look: Look) -> str:
    parts = [
        f"{word('status', part, look)}: {look.formats.count(count)}" for part, count in use.parts
    ]
    return "<br>".join([f"<b>{escape(shortened(name, 60))}</b>", *parts])


def _columns(named: list[tuple[str, Use]], whole: Use, look: Look, space: Space) -> list[Figure]:
    """Figures beside the bars, in columns of a fixed width whatever the width of the drawing."""
    marks = [
        drawing.text(
            look.texts.tc(*title),
            1,
            1,
            fill="quiet",
            anchor="right",
            xref="paper",
            yref="paper",
            xshift=space.right - place,
            yshift=11,
            font={"color": colour("quiet"), "size": space.size - 1},
        )
        for title, place in zip(_TITLES, space.columns, strict=True)
    ]
    for row, (_, use) in enumerate(named):
        cells = [f"<b>{look.formats.count(use.sent)}</b>", *_rates(use, look)]
        marks += [
            drawing.text(
                cell,
                1,
                row,
                anchor="right",
                xref="paper",
                xshift=space.right - place,
                font={
                    "color": colour("failed" if not place and is_unusual(use, whole) else "text"),
                    "size": space.size,
                },
            )
            for cell, place in zip(cells, space.columns, strict=True)
        ]
    return marks


def _lines_above(named: list[tuple[str, Use]], whole: Use, look: Look) -> list[Figure]:
    """Two lines above each bar, for a narrow screen: name and sends, then the rates."""
    marks = []
    for row, (name, use) in enumerate(named):
        fill = "failed" if is_unusual(use, whole) else "quiet"
        rates = " · ".join(
            f"{look.texts.tc(*title)} {rate}"
            for title, rate in zip(_TITLES[1:], _rates(use, look), strict=True)
        )
        above: dict[str, Any] = {"xref": "paper", "yshift": 25}
        shown = escape(shortened_inside(name, NARROW.name_limit))
        marks += [
            drawing.text(shown, 0, row, **above),
            drawing.text(f"<b>{look.formats.count(use.sent)}</b>", 1, row, anchor="right", **above),
            drawing.text(
                rates,
                0,
                row,
                xref="paper",
                yshift=12,
                font={"color": colour(fill), "size": NARROW.size},
            ),
        ]
    return marks


PANEL = Panel(
    slug="templates",
    title=mark("Use of HSM templates"),
    definition=mark(
        "The templates most sent. Delivery: delivered of those sent. Reading: read of those "
        "delivered. Answer: answered within 24 h of those delivered. Failure: failed of those sent."
    ),
    view=view,
    is_empty=lambda frame: frame.empty,
    height=320,
    narrow_height=760,
)
