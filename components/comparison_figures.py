"""The figures of the panel "Comparison": their headings, and what a change of each means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from components.comparison_words import slower
from components.formats import MINUS, NOTHING
from components.locale import Locale
from components.significance import (
    count_change_is_noise,
    duration_change_is_noise,
    rate_change_is_noise,
)
from components.texts import pgettext_noop
from queries.compared import By

#: A row of ``queries.panels.breakdown``, by column; what is not known is None.
Row = Mapping[str, Any]
Tone = Literal["better", "worse", "same"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One column of figures.

    ``name`` is the column of ``queries.panels.breakdown``, or ``unanswered`` (``with_unanswered``);
    ``heading`` is its short English heading.
    ``rise`` says whether a higher number is good. ``base`` is the column that says of how many
    things a share or a median is; None for counts.
    """

    name: str
    heading: tuple[str, str]
    kind: Literal["count", "share", "duration"] = "count"
    rise: Literal["good", "bad", "neutral"] = "neutral"
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """The change of a figure against the days before, in words; ``tone`` is its colour's name."""

    text: str
    tone: Tone


#: Of fewer things before, a change is said as a number: +1,100% of 2 would say little.
_FEW: Final = 20
#: All figures, in the order of the menu of columns.
FIGURES: Final = (
    Figure("messages", pgettext_noop("figure", "Messages")),
    Figure("sent_messages", pgettext_noop("figure", "Sent")),
    Figure("received_messages", pgettext_noop("figure", "Received")),
    Figure("cases_created", pgettext_noop("figure", "Cases created")),
    Figure("cases_attended", pgettext_noop("figure", "Cases attended")),
    Figure("delivery_rate", pgettext_noop("figure", "Delivery"), "share", "good", "sent_out"),
    Figure("read_rate", pgettext_noop("figure", "Reading"), "share", "good", "arrived"),
    Figure("failure_rate", pgettext_noop("figure", "Failure"), "share", "bad", "sent_out"),
    Figure(
        "median_first_response_seconds",
        pgettext_noop("figure", "1st response"),
        "duration",
        "bad",
        "responses",
    ),
    Figure("waits", pgettext_noop("figure", "Waits")),
    Figure("median_reply_seconds", pgettext_noop("figure", "Reply"), "duration", "bad", "replies"),
    Figure(
        "within_target_share",
        pgettext_noop("figure", "Within target"),
        "share",
        "good",
        "judged_waits",
    ),
    Figure("unanswered", pgettext_noop("figure", "Unanswered"), rise="bad"),
    Figure("waiting", pgettext_noop("figure", "Waiting now")),
)
FIGURE_NAMES: Final = tuple(figure.name for figure in FIGURES)
_BY_NAME: Final = {figure.name: figure for figure in FIGURES}

_OF_CASES: Final = (
    "messages",
    "cases_created",
    "median_first_response_seconds",
    "within_target_share",
    "waiting",
)
_OF_TIME: Final = (
    "messages",
    "cases_created",
    "median_reply_seconds",
    "within_target_share",
    "unanswered",
)
_USUAL: Final[Mapping[By, tuple[str, ...]]] = {
    By.AGENT: ("cases_attended", "waits", "median_reply_seconds", "within_target_share", "waiting"),
    By.TEMPLATE: ("messages", "delivery_rate", "read_rate", "failure_rate", "cases_created"),
    By.WEEKDAY: _OF_TIME,
    By.HOUR: _OF_TIME,
    By.WEEKDAY_HOUR: _OF_TIME,
}


def figure(name: str) -> Figure:
    """Return the figure called ``name``. Raises ``KeyError`` where there is none."""
    return _BY_NAME[name]


def usual_figures(by: By) -> tuple[str, ...]:
    """Return the names of the five figures that matter most where ``by`` is compared."""
    return _USUAL.get(by, _OF_CASES)


def with_unanswered(row: Row) -> Row:
    """Return ``row`` with ``unanswered``: how many of its waits no person of the company ended.

    The customer got no answer to what began the wait, whether the case is still open or not.
    """
    return {
        **row,
        **{
            f"{prefix}unanswered": _difference_of(row, f"{prefix}waits", f"{prefix}replies")
            for prefix in ("", "previous_")
        },
    }


def _difference_of(row: Row, of_all: str, part: str) -> int | None:
    whole, ended = row.get(of_all), row.get(part)
    return None if whole is None or ended is None else int(whole - ended)


def is_known_of(name: str, by: By) -> bool:
    """Return whether the figure ``name`` can be known where ``by`` is compared.

    Who waits now has no template, weekday or hour.
    """
    return name != "waiting" or by.is_of_case


def written(figure: Figure, value: Any, locale: Locale) -> str:
    """Return ``value`` as a text for the page; "—" where it is not known."""
    if value is None:
        return NOTHING
    if figure.kind == "share":
        return locale.formats.share(value)
    return locale.formats.duration(value) if figure.kind == "duration" else count(value, locale)


def count(number: int, locale: Locale) -> str:
    """Return a whole number for the page."""
    return locale.formats.count(number)


def change(figure: Figure, row: Row, locale: Locale) -> Change | None:
    """Return how the figure changed; None where one of the two is not known.

    Only a change that is more than chance would give, of a figure whose rise is good or bad, has
    a tone other than "same".
    """
    now, before = row[figure.name], row.get(f"previous_{figure.name}")
    if now is None or before is None:
        return None
    difference = now - before
    tone: Tone = "same"
    if figure.rise != "neutral" and difference and not _is_noise(figure, row):
        tone = "better" if (difference > 0) == (figure.rise == "good") else "worse"
    return Change(_difference(figure, now, before, locale), tone)


def _difference(figure: Figure, now: float, before: float, locale: Locale) -> str:
    formats = locale.formats
    if figure.kind == "share":
        return formats.points(now - before)
    if figure.kind == "duration":
        same = locale.texts.gettext("as fast")
        return slower(now - before, locale) if now != before else same
    if before < _FEW:
        return signed(int(now - before), locale)
    return formats.signed_share((now - before) / before)


def signed(difference: float, locale: Locale) -> str:
    """Return a difference of two counts with its sign: +1.234."""
    if not difference:
        return "±0"
    return ("+" if difference > 0 else MINUS) + locale.formats.count(abs(difference))


def _is_noise(figure: Figure, row: Row) -> bool:
    now, before = row[figure.name], row[f"previous_{figure.name}"]
    if figure.base is None:
        return count_change_is_noise(now, before)
    of_now, of_before = row[figure.base], row[f"previous_{figure.base}"]
    if figure.kind == "duration":
        return duration_change_is_noise(now, before, of_now, of_before)
    return rate_change_is_noise(round(now * of_now), of_now, round(before * of_before), of_before)
