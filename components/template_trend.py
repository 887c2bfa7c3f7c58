"""The drawer with the trend of one HSM template: its sends and rates in each step of the period."""

from dataclasses import dataclass

from dash import dcc
from dash.development.base_component import Component

from components import ids
from components.drawer import drawer
from components.html_tree import Button, Element, P, StaticHtml, Strong, Td, Th, Tr
from components.locale import Locale
from components.panels.templates import RATE_TITLES, SENDS_TITLE
from components.panels.time_steps import TimeSteps
from components.panels.view import bar, list_table
from queries.reader import Answer


def trend_drawer(locale: Locale) -> list[Component]:
    """Return the closed drawer of a template's trend, and the store for what is asked for.

    The store (``ids.TREND_ASKED``) comes first: the browser writes into it which template it wants.
    """
    body = [
        StaticHtml(id=ids.TREND_BODY, className="trend"),
        StaticHtml(
            [P(locale.texts.gettext("Loading…"), className="drawer-loading", role="status")],
            className="as-one",
        ),
    ]
    title = locale.texts.gettext("Trend")
    return [dcc.Store(id=ids.TREND_ASKED), drawer(ids.TREND, title, body, locale)]


def title(template: str, locale: Locale) -> str:
    """Return the drawer's translated title, for example "Tendência de lembrete_fatura"."""
    return locale.texts.gettext("Trend of {template}", template=template)


@dataclass(frozen=True, slots=True)
class _Step:
    """The counts of one step, as ``queries.panels.templates.TREND_COLUMNS`` has them."""

    sent: int
    delivered: int
    read: int
    failed: int
    answered: int

    def rates(self, locale: Locale) -> list[str]:
        """Return delivery, reading, answer and failure as texts; "—" where nothing is divided."""
        pairs = (
            (self.delivered, self.sent),
            (self.read, self.delivered),
            (self.answered, self.delivered),
            (self.failed, self.sent),
        )
        return [locale.formats.share(part / of if of else None, 0) for part, of in pairs]


def view(answer: Answer, locale: Locale) -> list[Element]:
    """Return the content of the drawer: a row for each step of the period, the oldest first.

    Each has a bar for the sends, and the rates. ``answer`` is that of ``Reader.template_trend``.
    """
    names = TimeSteps.of(answer).names(locale)
    counts = [
        _Step(*map(int, row)) for row in answer.frame.drop(columns="period").to_numpy().tolist()
    ]
    longest = max([step.sent for step in counts] + [1])
    pgettext = locale.texts.pgettext
    rows = [
        Tr(
            [
                Th([name, bar(step.sent / longest, "sent")], scope="row"),
                Td([Strong(locale.formats.count(step.sent))], className="number"),
                *(Td(rate, className="number") for rate in step.rates(locale)),
            ]
        )
        for name, step in zip(names, counts, strict=True)
    ]
    heads = [locale.texts.gettext("Period")]
    numbers = [pgettext(*title) for title in (SENDS_TITLE, *RATE_TITLES)]
    span = answer.filters.span
    days = locale.texts.gettext(
        "{start} to {end}", start=locale.formats.day(span.start), end=locale.formats.day(span.end)
    )
    note = locale.texts.gettext("{days} · the other filters hold as well", days=days)
    return [
        P(note, className="quiet"),
        list_table(locale.texts.gettext("Trend"), heads, numbers, rows),
    ]


def failure(message: str, template: str, locale: Locale) -> list[Element]:
    """Return the content where the trend could not be read: ``message``, and "try again"."""
    again = Button(
        locale.texts.gettext("Try again"),
        type="button",
        className="soft-button",
        **{"data-action": "trend", "data-value": template},
    )
    return [P(message, role="status"), again]
